R"scenes(
chapter lost fog
ends the milestone in the fog | the edge of the moor | the cold sheepfold
heading {companion} is gone
heading On the moor
note In the fog on the moor {companion} runs after a sound and does not come back.
para
must open
maybe portrait
maybe landscape
maybe banter
maybe promise
para
must
  In the afternoon the road came to a moor, and the fog came to meet it.
  Then they reached the moor, and fog rose from it on every side, {slowly|like breath}.
must
  "Stay close," said {hero}. "I am always close," said {companion}.
  {hero} tied a string to {companion}, but a string is only as good as its knot.
maybe craft
maybe mentor
must
  Something {cried|called} out there, thin and high, like a {child|lost thing} in need.
  From the left came a {whimper|cry}, and the ears of the {kind} stood up.
must
  Before {hero} could speak, {companion} was gone: one jump, {a colour} shadow, and then only fog.
  "Wait!" cried {hero}, but {companion} the {kind} had never been able to leave a cry unanswered.
para
must
  [>c:lost] {hero} waited, and called, and waited, and {companion} did not come back.
  [>c:lost] An hour went by, and then another, and {hero} was alone on the moor without {companion}.
must
  {hero} ran {to the left|in circles|toward every sound} until {his} knees gave way.
  {hero} found one {colour} hair on a thorn and put it into {his} {cap|pocket}.
must alone
maybe
  The fog gave back {his} voice, but smaller each time.
  "I should have held on to you," said {hero} to nobody.
maybe alone
maybe rival
maybe home
maybe quest
para
must
  [c:lost] At {>where} {hero} sat down to wait for the morning, {alone|wide awake}.
  [c:lost] In the end {hero} came to {>where} and lit a fire, so that {companion} might see it.
  [c:lost] That night {hero} stayed at {>where}, and the place beside {him} was empty.

chapter lost river
ends the broken weir | the riverside willows | the raftsman's camp
heading The current
heading How {companion} was swept away
note Crossing a river, {companion} is swept away by the current, and {hero} looks in vain.
para
must open
maybe weather
maybe craft_road
maybe banter
maybe portrait
maybe quest
para
must
  A river lay in the way, and there was neither bridge nor boat, only stepping stones.
  At midday they had to wade through a river that was {faster|deeper|angrier} than it looked.
must
  "You first," said {companion}, "and I will bring the rear." That was like {companion}.
  {hero} held the bundle high and felt for every stone with {his} toes.
maybe craft
maybe promise
must
  They were almost across when a {log|wave|floe of driftwood} struck the stones.
  In the middle the {kind} slipped, and the river was quicker than {hero}.
must
  {hero} grasped the {colour} coat, held it for a breath, and then held only water.
  "{companion}!" cried {hero}, but the river was louder.
para
must
  [>c:lost] Round the bend went a small {colour} head, and then {companion} was gone.
  [>c:lost] The water carried {companion} away, past the willows, out of sight.
must
  {hero} ran along the bank {until dark|through nettles|for three miles}, and found nothing but
      foam.
  {hero} asked {an angler|the washerwomen|two boys on a raft}, but nobody had seen {a colour}
      {kind}.
must alone
maybe alone
maybe mentor
maybe home
maybe rival
maybe
  "{A kind} can swim," said {hero} aloud, again and again. "{A kind} can swim."
  The river went on murmuring as if nothing had happened.
para
must
  [c:lost] That night {hero} sat at {>where} and listened to the water.
  [c:lost] {hero} could walk no farther and stayed at {>where}, without {companion} and without
      sleep.
  [c:lost] At {>where} {hero} lay down at last, and the blanket was too large for one.

chapter found tracks
ends the linden tree | the warm hayrick | the house of the beekeeping nuns
heading {companion} again
heading Tracks in the morning
note {hero} follows the tracks and finds {companion}, who has saved a child.
para
must
  [c:lost] {hero} left {where} before sunrise, for whoever is looking for somebody cannot sleep.
  [c:lost] It was hardly light at {where} when {hero} {got up|set out|began} to look for
      {companion}.
  [c:lost] Cold and stiff, {hero} rose at {where} and called {companion} once more.
must alone
maybe weather
maybe alone
para
must
  And there, in the soft earth, were tracks: the tracks of {a kind}, {deep|clear|quite fresh}.
  Beside {a puddle|the ditch} {hero} knelt down: no other {kind} put its feet so {neatly|crookedly}.
must
  They led past {a barn|three alders|a burned mill} and beside them ran the tracks of a child.
  {hero} followed them {for miles|on hands and knees|over two fences}, and the heart beat up to
      {his}
      throat.
maybe craft
maybe mentor
maybe promise
must
  [g:hero] The {gift} in {his} hand was cool, and that was a good sign.
  A magpie flew ahead and scolded, and {hero}, who had no better guide, followed it.
para
must
  [>c:with] In a hollow, under a bush, lay {companion}, {warming|guarding} a little girl who had
      lost the
      way.
  [>c:with] And under a cart sat a small boy, fast asleep, and round the boy, like a collar, lay
      {companion}.
must
  "You took your time," said {companion} the {kind}. {hero} could not answer.
  {hero} fell on both knees and buried {his} face in the {colour} coat.
must
  "Somebody was crying," said {companion}. "I had to go." "I know," said {hero}. "That is why I like
      you."
  "Never do that again," said {hero}. "Not until the next time," said {companion}.
maybe portrait
para
must
  They brought the child home, and the parents {wept|ran to meet them|danced} and thanked the
      {kind}.
  The mother of the child filled their bag with {ham|rolls|dried plums} and kissed {companion} on
      the nose.
maybe
  "Ask for whatever you want," said the father. "The way to {landmark}," said {hero}.
  "A great tall rider named {rival} saw the child and did not stop," said the father.
maybe rival
maybe quest
maybe home
maybe food
maybe skyturn
para
must close

chapter found mill
ends the river island | the old mill wheel | the cottage with green shutters
heading The {kind} in the mill
heading What the river gave back
note {hero} goes down the river and finds {companion} alive on the wheel of an old mill.
para
must
  [c:lost] As soon as the {sky|east} grew pale, {hero} left {where} and went down the river.
  [c:lost] {hero} had counted the hours at {where}; now it was morning, and {he} followed the water.
must alone
maybe weather
maybe landscape
must
  {hero} looked under every {root|landing stage|overhanging bush} and into every {eddy|fish trap}.
  "Have you seen {companion}?" {hero} asked the {herons|reeds|fishermen}, and got {no answer|a
      shrug}.
maybe alone
maybe promise
maybe craft
para
must
  Round the {fourth|seventh} bend stood a mill, and its wheel did not turn.
  Toward noon {hero} came to an old mill where people stood on the bank and pointed.
must
  [>c:with] On the topmost paddle, {soaked|furious|dignified}, sat {companion} the {kind}.
  [>c:with] There, between two paddles of the wheel, hung {a colour} bundle, and the bundle said:
      "{hero}!"
must
  {hero} did not ask how deep it was. {He} jumped.
  In three strides {hero} was in the water, and in ten {he} had {companion} in {his} arms.
must
  "I have stopped a whole mill," said {companion}. "I should like that to be remembered in {home}."
  "You are wet," said {companion}. "So are you," said {hero}, and both were laughing.
maybe portrait
maybe banter
para
must
  They were rubbed dry with sacks and set before the fire, and there was flour on everything.
  The people of the mill gave them {a bed|soup|dry stockings}, and the wheel turned again.
maybe
  "{rival} came by in a carriage," somebody said, "and complained that the wheel was too slow."
  "Who is {hero}?" somebody asked. "A friend of mine," said {companion}.
maybe mentor
maybe rival
maybe quest
maybe home
maybe food
para
must close
)scenes"
