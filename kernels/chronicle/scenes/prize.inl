R"scenes(
chapter prize hall
ends the foot of the stair | the ruined gatehouse | the camp below the walls
heading {landmark}
heading In the halls of {landmark}
heading The {quality} {object}
note {hero} reaches {landmark}, greets the dark politely and finds the {quality} {object}.
para
must open
maybe weather
maybe quest
maybe promise
must
  And then, behind the last rise, stood {landmark}.
  Toward noon they saw {landmark}, and neither of them said anything for a while.
  "There it is," whispered {companion}. "{landmark}," said {hero}, and it sounded like a question.
must
  It was {older|taller|lonelier} than any story: {towers without roofs|stairs without doors|walls
      as thick as houses}, and above them a ring of crows.
  Stones as big as wagons lay on each other, and no bird nested there.
maybe mentor
maybe home
para
must
  Inside it was so dark that {hero} could not see {his} own hand, and so quiet that {he} heard the
      heart of {companion}.
  They went down {ninety|a hundred|countless} steps, {hero} feeling the wall and {companion} the
      {kind} feeling the air.
maybe craft
maybe portrait
must
  "Good evening," said {hero} to the dark. "We are {hero} and {companion}, and we come from {home}."
  {hero} remembered to be polite and took off {his} cap. "Excuse us, please," {he} said to the
      silence.
must
  "Who comes to {landmark} without a sword?" asked a voice like {gravel|slow water|an old hinge}.
  Something in the darkness {moved|breathed|woke}. "It is long since anybody wished me a good
      evening," it said.
must
  "What do you want?" "The {quality} {object}," said {hero}, "for the luck of {home}." "And for
      yourself?" "Nothing," said {hero}.
  "Why should I give you the {object}?" asked the voice. "Because I promised to {promise}," said
      {hero}, "and I cannot do it with empty hands."
maybe
  "And the {kind}?" asked the voice. "My friend," said {hero}. "That is the right answer," said the
      voice.
  {companion} the {kind} bowed, too, as well as {a kind} can.
para
must
  [>o:hero] Then there was light, and in the light, on a block of stone, stood the {quality}
      {object}, and {hero} took it with both hands.
  [>o:hero] A slab slid aside, and behind it lay the {quality} {object}. {hero} lifted it out.
  [>o:hero] "Take it," said the voice, and {hero} felt the {quality} {object} in {his} arms.
must
  [o:hero] It was {lighter|colder|more beautiful} than {hero} had thought, and {companion} touched
      it
      with one careful foot.
  [o:hero] "So that is it," said {companion}. The {object} {shone|hummed|gleamed} as if it had been
      waiting for the two of them.
must
  "Thank you," said {hero} to {landmark}, and from far below came the answer: "Come again."
  They climbed back into the daylight, and {landmark} closed behind them without a sound.
must
  [o:hero] From the hill they saw {rival} arriving with {three horses|ropes and lamps}, a whole day
      too late.
  [o:hero] When {rival} reached {landmark}, there was nothing left there but an echo.
maybe food
maybe banter
maybe skyturn
para
must close

chapter prize guardian
ends the island shore | the fisherman's loft | the broken lighthouse
heading The guardian of {landmark}
heading Awake at {landmark}
note At {landmark} a sleepless guardian keeps the {quality} {object}, and {hero} sings it to sleep.
para
must open
maybe weather
maybe banter
maybe quest
must
  After so many miles {landmark} was suddenly there, {crumbling|dark against the evening|half
      under water}.
  They came to {landmark} in the afternoon, and a cold breath came out of its gate.
must
  Before the gate lay a guardian, as {large as a hay wagon|long as a street}, with {stone scales|a
      hundred eyes}, and all its eyes were open.
  A guardian stood there, {taller than a mast|made of roots}, and it had not slept since the day the
      {object} was brought.
maybe rival
maybe portrait
para
must
  "Go away," said the guardian of {landmark}. "I am so tired that I might tread on you."
  "Everybody wants the {object}," said the guardian, "and nobody wants to know how I am."
must
  "How are you?" asked {hero}. The guardian was silent for a long time. "Tired," it said.
  {hero} sat down. "Since when have you been awake?" asked {hero}. "Since always," said the
      guardian.
maybe mentor
must
  {hero} began to sing the song that mothers sing in {home}, {three verses|quite softly|a little out
      of tune}.
  "I know a song from {home}," said {hero}. "It has never failed with children."
maybe home
must
  {companion} the {kind} lay down against the great cold foot and {sighed|breathed|snored a little}
      as one
      does beside a stove.
  The {colour} {kind} curled up between its paws, to show how it is done.
para
must
  One after the other the eyes closed, and then the whole {hill|gate|tower} trembled with snoring.
  At the third verse the guardian smiled, and at the fifth it slept.
must
  [>o:hero] Behind it, in a niche, lay the {quality} {object}, and {hero} picked it up on tiptoe.
  [>o:hero] {hero} stepped over the great tail and took the {quality} {object} from its hook.
must
  [o:hero] "We should leave something," said {companion}. So they left {the blanket|a candle|half a
      cake} in place of the {object}.
  [o:hero] Beside the sleeping guardian {hero} wrote in the dust: thank you, from {home}.
maybe craft
must
  [o:hero] Only when {landmark} lay far behind did {hero} dare to look at the {quality} {object}
      properly.
  [o:hero] They walked away from {landmark} backward, step by step, with the {quality} {object}
      between them.
maybe
  [o:hero] "We have it," said {hero}. "We really have it." "Now for the {hard|long} part," said
      {companion}.
  [o:hero] {rival} came too late and woke the guardian, which was not clever.
maybe promise
maybe food
maybe skyturn
para
must close

chapter prize race
ends the quarry | the barn full of owls | the old customs post
heading The race to {landmark}
heading First at {landmark}
note {hero} and {rival} reach {landmark} at the same hour, and the {quality} {object} chooses
      {hero}.
para
must open
maybe weather
maybe quest
maybe promise
must
  On the ridge they saw it at last, {landmark}, and on the road below, in a cloud of dust, {rival}.
  {landmark} lay before them, and from the other side {rival} came galloping.
must
  "Run!" said {companion}, and they ran, the {trade} and the {kind}, {through thistles|down the
      scree|hearts pounding}.
  {hero} had never run like that, not even as a child in {home}.
maybe rival
maybe portrait
para
must
  They reached the gate of {landmark} in the same moment, {hero} out of breath and {rival} out of
      temper.
  At the gate {rival} swung down from the saddle. "After me, {trade}!"
must
  Inside, on a stone table, under a hole in the roof, stood the {quality} {object}.
  There, at the end of a long hall, in a single beam of light, was the {quality}
      {object}, just as in all the tales.
must
  {rival} was faster and seized it, and {rival} pulled, and pulled, and it did not move.
  "Mine!" shouted {rival}, but the {object} was as heavy as the mountain itself.
must
  "It is nailed down," panted {rival}. "No," said a voice from the roof. "It is only waiting to be
      asked."
  "What is wrong with it?" cried {rival}. {companion} the {kind} knew. "You did not say please."
maybe mentor
para
must
  [>o:hero] "Please," said {hero}, "{home} needs you." And {hero} lifted the {quality} {object} as
      if
      it were a loaf.
  [>o:hero] {hero} said please, and whose it was, and what for, and picked up the {quality} {object}
      without any trouble.
must
  [o:hero] {rival} {stared|went pale|threw a hat on the floor}. "You have not won yet, {hero}."
  [o:hero] "Enjoy it while you can," said {rival}, and {rode away|slammed what was left of the
      door}.
must
  [o:hero] {hero} wrapped the {object} in {his} own coat, and {companion} walked round it once, as
      one does with presents.
  [o:hero] "Is it heavy?" asked {companion}. "No," said {hero}. "It wants to go to {home}."
maybe craft
maybe home
maybe food
maybe banter
maybe skyturn
para
must close
)scenes"
