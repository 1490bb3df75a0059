R"scenes(
chapter mentor hermit
ends the hermitage | the warm side of the hermit's stove | the garden wall
heading The house of {mentor}
heading What {mentor} knew
note {hero} meets old {mentor}, who lives alone, tells about {landmark} and gives away the {gift}.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe banter
para
must
  In the afternoon they saw smoke behind {an overgrown hedge|a row of beehives|a leaning pear
      tree}, and beneath the smoke a hut.
  A narrow path led to a hut with {a turf roof|one blue window|more books than walls}.
must
  On the bench sat {mentor}, who had {lived there for sixty years|once taught kings|not spoken
      since Tuesday}, and {shelled peas|mended a net|read without spectacles}.
  The door stood open, and inside sat {mentor}, as old as {the hills|a proverb|the pear tree} and
      {twice as crooked|still laughing}.
must
  "You are {hero} of {home}," said {mentor}, "and this must be {companion}. Wipe your feet."
  "{A trade} and {a colour} {kind}," said {mentor}. "I have been waiting for just such a pair."
  "Come in, {hero}," said {mentor}, before {hero} had said a single word.
maybe portrait
maybe food
para
must
  {hero} told {mentor} everything: about {home}, about the {quality} {object}, and about the promise
      to {promise}.
  Over a pot of {nettle tea|lentils|hot milk} {hero} told the whole story, and {mentor} listened
      with {closed eyes|folded hands|both ears}.
  "We are looking for the {quality} {object}," said {hero}, "and {rival} is looking for it too."
must
  "The {object} lies at {landmark}," said {mentor}, "and {landmark} lies where nobody dares to be
      {kind-hearted|gentle|honest}. Remember that."
  "At {landmark} you will find {three doors|a stair|a deep hall}," said {mentor}. "Take nothing but
      the {quality} {object}, and say thank you to the dark."
  "Many have gone to {landmark} with a sword," said {mentor}, "and none with a friend. That is your
      advantage."
maybe
  "And if I am afraid?" asked {hero}. "Then you have understood me," said {mentor}.
  "Is it dangerous?" asked {companion}. "Only for people in a hurry," said {mentor}.
  "Why does nobody go there?" asked {hero}. "Because everybody says so," answered {mentor}.
maybe quest
para
must
  [>g:hero] Then {mentor} opened {a drawer|a tin box|a hollow book} and put the {gift} into the
      hand of {hero}.
  [>g:hero] {mentor} {climbed on a stool|untied a cloth|searched the shelf}, found the {gift}, and
      gave it to {hero}.
  [>g:hero] "This is for you," said {mentor}, and gave {hero} the {gift}.
must
  [g:hero] "It grows warm when {a lie|danger} is near," said {mentor}. "The rest you will have to do
      yourself."
  [g:hero] "The {gift} looks like nothing," said {mentor}, "and so nobody will steal it. When danger
      comes, it grows warm."
maybe
  [g:hero] {hero} {weighed|held|turned} the {gift} in the lamplight and could not find a word big
      enough for thanks.
  [g:hero] {companion} the {kind} looked at the {gift} and then, {deeply|politely}, at {mentor}.
maybe promise
maybe home
maybe craft
maybe rival
para
must close

chapter mentor schoolroom
ends the old schoolhouse | the attic above the school | the map room
heading A lesson from {mentor}
heading The school of {mentor}
note In a village school the teacher {mentor} asks {hero} three questions and gives {him} the
      {gift}.
para
must open
maybe weather
maybe craft_road
maybe craft
para
must
  Toward noon they came to a village with {a goose pond|one street|a very loud pump}, and from the
      school came {laughter|the sound of slates|a clatter}.
  Rain or shine, in the next village the school door was always open, and {companion} walked
      straight in.
must
  At the blackboard stood {mentor}, {chalk on both sleeves|as thin as the pointer|small, bent and
      bright-eyed}.
  The teacher was called {mentor} and had taught {everybody in the county|four generations|even the
      bishop} to read.
maybe
  "Sit down," said {mentor}. "It is never too late, not even for {a kind}."
  The children {stared at|whispered about|wanted to stroke} {companion}, the {colour} {kind}.
must
  "Who are you, and what do you want?" asked {mentor}. "I am {hero}, {a trade} from {home}, and I am
      going to {landmark}."
  "I am {hero}," said {hero}, "and I need to know everything about {landmark}." "Then we have
      fifteen minutes," said {mentor}.
para
must
  "First question," said {mentor}. "What is lighter than a pillow and harder to carry?" "A
      promise," said {hero}. "Mine is to {promise}."
  "What will you do with the {object}?" asked {mentor}. "Take it home to {home}," said {hero}.
      "Good,"
      said {mentor}.
must
  "And what do you know of {rival}?" asked {mentor}. "That {rival} is faster than I am," said
      {hero}. "Fast is not the same as early," said {mentor}.
  "Who will help you?" asked {mentor}. {hero} pointed at {companion}, and {mentor} {nodded|smiled|
      wrote it down}.
maybe
  {mentor} drew {landmark} on the board with {three strokes|blue chalk|a trembling hand}: {a gate, a
      stair, a light|a tower and its shadow}.
  "The {quality} {object} lies below the third arch of {landmark}," said {mentor}, "and arches are
      patient."
maybe portrait
maybe quest
para
must
  [>g:hero] After the last lesson {mentor} unlocked the desk and gave {hero} the {gift}.
  [>g:hero] "My best pupil left this behind," said {mentor}, and laid the {gift} in {his} palm.
  [>g:hero] From the pocket of an ink-stained coat {mentor} drew the {gift} and handed it to {hero}.
must
  [g:hero] "If somebody means you harm," said {mentor}, "the {gift} will grow warm. Mine never once
      was wrong."
  [g:hero] The {gift} lay {cool|light|quiet} in {his} hand. "It wakes when there is danger," said
      {mentor}.
maybe promise
maybe home
maybe food
maybe rival
maybe banter
para
must close

chapter mentor boatbuilder
ends the boathouse | the slipway | the upturned boat
heading The boat that {mentor} built
heading {mentor} by the lake
note By a lake {hero} helps {mentor} to finish a boat, hears about {landmark} and receives the
      {gift}.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe portrait
para
must
  By noon they stood on the shore of a lake, where somebody was hammering.
  The road ended at a lake, and on the shore lay {half a boat|the ribs of a boat|a boat without a
      bottom}.
must
  It was {mentor}, {grey-bearded with sawdust|older than the landing stage|sleeves rolled up}, and
      every third nail {went crooked|fell into the water|was sworn at}.
  "If you can hold a plank, you are welcome," called {mentor}. "If not, you are welcome too."
must
  {hero} was {a trade} and no shipwright, but {he} {held|carried|smoothed} planks until {his} arms
      ached.
  So the {trade} from {home} {planed|tarred|hammered}, and {companion} the {kind} {guarded the
      nails|tasted the glue|slept in the shavings}.
maybe craft
maybe food
para
must
  "Now tell me," said {mentor}, when the last nail was in. {hero} spoke of {home} and of the
      {quality} {object}.
  "Why are you on the road, {hero}?" asked {mentor}. "I have a promise to keep," said {hero}. "I
      must
      {promise}, but first I must find the {object}."
must
  "The {object} is at {landmark}," said {mentor}. "I rowed past it once, in a fog, and heard it
      calling like a {child|curlew}."
  "{landmark} has two gates," said {mentor}. "One opens for the strong, and it is a trap. The other
      opens for the {polite|patient|tired}."
maybe
  "And {rival}?" asked {hero}. "{rival} was here," said {mentor}, "and would not hold a plank."
  "{rival} offered me a bag of money," said {mentor}. "I offered {rival} a hammer. We did not
      agree."
maybe quest
para
must
  [>g:hero] {mentor} reached under the bow and brought out the {gift}. "For your work," said
      {mentor}, and {hero} took it.
  [>g:hero] As wages {hero} received the {gift}, which {mentor} had carried on every sea.
must
  [g:hero] "When there is danger, the {gift} grows warm," said {mentor}. "It has brought me home
      from
      {eleven storms|the edge of the chart}."
  [g:hero] "Keep the {gift} close," said {mentor}. "It grows warm before trouble does."
maybe
  In the evening the new boat {floated|rocked} on the lake, and {mentor} {wept a little|danced on
      the planks|gave it a name}.
  They launched the boat at sunset, and the water {held it|took it gently|said nothing}.
maybe promise
maybe home
maybe rival
maybe banter
para
must close
)scenes"
