R"scenes(
chapter homecoming lights
ends the old gate
heading Home to {home}
heading The lights of {home}
heading The promise of {hero}
note {hero} brings the {quality} {object} back to {home} and keeps the promise to {promise}.
para
must open
maybe weather
maybe landscape
maybe quest
para
must
  Then the road made one last bend, and there were the roofs of {home}.
  From the hill they saw {home}, so small that {hero} could have covered it with one hand.
  They smelled it first, {woodsmoke|apples|fresh laundry}, and then they saw it: {home}.
must
  "There is the {steeple|mill|gate}," said {companion}. {hero} said nothing, for {his} throat was
      full.
  {companion} the {kind} began to run, stopped, came back, and ran again.
maybe home
maybe portrait
para
must
  A boy on a wall saw them first. "{hero} is back!" came the shout, and the wall was empty.
  An old woman at the pump let the bucket fall. "{hero}! And the {kind}! And what have they got
      there?"
must
  From all the houses they came running, {with flour on their hands|in slippers|with babies on their
      arms}, until {home} was as full as at a fair.
  Somebody pulled the church rope, and everybody in {home} came to see who was {dead|married}; but
      it
      was {hero}.
must
  [o:hero] {hero} unwrapped the {quality} {object} and held it up, and all {home} grew quiet.
  [o:hero] In the middle of the square {hero} set down the {quality} {object}. "Here it is," said
      {hero}.
must
  And at once the {fountain|well} began to run, the {clock|mill} began to turn, and a baby laughed.
  It was as if {home} had held its breath for years and now let it go.
maybe
  "And where is {rival}?" somebody asked. "Learning to walk," said {companion}.
  Even {rival} was there, right at the back, {without a hat|eating a bun}, and nobody sent {rival}
      away.
maybe mentor
maybe craft
para
must
  "Now you must rest," they said. "First," said {hero}, "I have a promise to keep. I said that I
      would {promise}."
  They wanted to garland {hero} with {ivy|roses}, but {hero} shook {his} head. "I promised to
      {promise}."
must
  And before the sun went down, {hero} {promised}, and {companion} the {kind} helped.
  So on the very same day {hero} {promised}, as {he} had said.
maybe
  [g:hero] The {gift} hung on a nail above the door from then on, and it never grew warm again.
  [g:gone] Only the {gift} was missing, and {hero} wrote to {mentor} to explain, and {mentor} wrote
      back: well done.
para
must
  That {season} people still talked about for {years|a lifetime}: how {hero} the {trade} and {a
      colour} {kind} walked to {landmark} and came home.
  They tell it in {home} to this day, the tale of {hero}, of {companion} the {colour} {kind}, and of
      the {quality} {object}.
must
  {hero} went back to work, for {a trade} is always needed, and {companion} {slept in the sun|grew a
      little fat|chased leaves}.
  And in the evening, when the lamps were lit in {home}, two friends sat on the step, {hero} and
      {companion}, and wanted for nothing.
  Nobody in {home} has locked a door since, and that is the end of the story.

chapter homecoming dawn
ends the old gate
heading The last mile to {home}
heading What was promised in {home}
heading Luck returns to {home}
note On the last mile {hero} is almost too tired, but {home} wakes, and {hero} keeps the promise to
      {promise}.
para
must open
maybe weather
maybe promise
maybe banter
para
must
  The last mile is the longest, as every {trade} knows.
  It was only one more mile to {home}, but {hero} had none left in {his} legs.
must
  "Sit on my back," said {companion}. "You are {a kind}," said {hero}. "I only meant to be kind,"
      said
      {companion}.
  {companion} the {kind} pulled {hero} by the sleeve, like a barge, yard by yard.
maybe quest
maybe portrait
must
  At {first light|daybreak|cockcrow} they stood before the gate of {home}, and it was shut.
  {home} was asleep when they arrived; even the weathercock had its head down.
para
must
  [o:hero] "Wake up," called {hero}, "the {object} is here!" But a tired voice does not carry far.
  [o:hero] Then the {quality} {object} in {his} arms {began to sound|grew bright|trembled}, and
      windows
      flew open in every lane.
must
  "It is the {trade}!" "It is {hero}!" "And {companion}!" All of {home} was in nightshirts.
  First came the children of {home}, then the dogs, then everybody else.
must
  [o:hero] {hero} put the {quality} {object} back where it belonged, and the whole of {home} heard
      the
      small sound it made.
  [o:hero] The oldest {man|woman} in {home} took the {quality} {object} in both hands and wept. "So
      I
      have seen it after all."
maybe
  On the same morning the {hens laid|dough rose|bees swarmed}, and nobody was surprised.
  By breakfast the {stream|well} was full, and by supper two couples were engaged.
maybe home
maybe craft
para
must
  "What was it like at {landmark}?" asked the children. "Dark," said {hero}, "but polite."
  "Were you afraid of {rival}?" asked a child. "Every day," said {hero}. "That is allowed."
maybe rival
maybe mentor
must
  "And now," said {hero}, "I must {promise}, or I shall not sleep." They all came along to watch.
  Somebody small pulled {his} coat. "You promised to {promise}." "I know," said {hero}. "I have
      thought
      of nothing else."
must
  So {hero} {promised}, before {his} boots were even off, and a promise was a promise again in
      {home}.
  And {hero} {promised}, with {companion} looking on, and it took until evening, and it was good.
maybe
  [g:hero] {hero} kept the {gift} in a drawer and took it out on {rainy|long} evenings, and thought
      of
      {mentor}.
  [g:gone] A parcel came from {mentor} in the {second|third} week; in it lay a note: I have plenty
      more.
para
must
  If you come to {home} in {season}, you can see the {quality} {object}, and perhaps, asleep beneath
      it, {a colour} {kind}.
  Of {rival} it is told that the {object} never was mentioned again; of {hero} it is told every
      {season}.
must
  And when somebody in {home} asks how far it is to {landmark}, they say: as far as {a trade} and {a
      kind} can walk, and back again.
  So ends the tale of {hero} and {companion}, who left {home} with a promise and came home with the
      luck.
  "Tell it once more," say the children of {home}, and somebody begins: there lived {a trade} called
      {hero}.
)scenes"
