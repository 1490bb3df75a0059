R"scenes(
chapter village market
ends the attic of the market inn | the town well | the carter's barn
heading Market day
heading A day among strangers
note {hero} earns bread with {his} trade in a strange town, and a child asks about the promise.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe home
para
must
  That day they came to a town, and it was market day: {cheeses|caged finches|jugglers|tents}
      everywhere, and everybody shouting.
  The town was full of {stalls|acrobats|pigs}, and {companion} had to be carried past the sausages.
must
  The purse was empty, so {hero} put up a sign: {trade} from {home}, honest work.
  "We have no money left," said {hero}. "Luckily I am {a trade}."
must
  First came a {widow|notary|drummer}, then a {captain|nun|beggar}, and by noon there was a queue.
  {hero} worked {fast|with rolled sleeves|humming}, and people stood round to see how they do it in
      {home}.
maybe craft
para
must
  A small child {sat down beside|stroked|fed} {companion}. "What kind of {kind} is this?" "The best
      kind," said {hero}.
  The children of the town had never seen so {colour} {a kind}, and {companion} {gave rides|posed|
      told stories} all afternoon.
maybe portrait
must
  "Where are you going?" asked a child. "Far away," said {hero}. "And then?" "Then I go home and
      {promise}."
  "Why do you have to go back?" asked the child. "Because I promised to {promise}," said {hero}.
must
  "Did you really promise that?" "I did." "Then you must," said the child, and the matter was
      closed.
  The child thought about it and gave {hero} half a {pear|gingerbread|honey cake}, for the road.
maybe promise
para
must
  Behind the {coach house|fountain|puppet stage} somebody spoke of {rival}, and {hero} listened.
  A horse dealer complained that {rival} had paid with bad money that very morning.
maybe rival
maybe mentor
maybe quest
must
  In the evening there were {nine|fourteen|eleven} pennies in the cap and a pie on the table.
  When the stalls closed, {hero} had earned {a new blanket|a supper|two nights of bread}, and
      {companion} a bone.
maybe food
maybe banter
maybe skyturn
para
must close

chapter village fever
ends the bedside of the old woman | the sick woman's kitchen | the bench by the stove
heading The closed village
heading One night of watching
note In a village struck by fever {hero} stays to help, although time is short.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe banter
para
must
  At the entrance of the next village a {rope|plank|rag} hung across the road: fever.
  The next village was silent, and there was {straw|chalk|a cross} on the doors.
must
  "Go round," called somebody from a window. "We are all ill, and the pump is broken."
  An old woman leaned in a doorway. "Go away, children," came the whisper. "There is fever here."
must
  It would cost a day, and {rival} would use that day. {hero} put down the bundle.
  {hero} thought of {rival}, who was riding; then {hero} hung the coat on a nail.
  "And the {object}?" asked {companion}. "The {object} has no fever," said {hero}.
maybe rival
maybe quest
para
must
  {hero} {mended the pump|carried water|boiled linen}, and being {a trade} {he} did it properly.
  The {trade} from {home} went from house to house with {water|broth|clean sheets}.
maybe craft
maybe mentor
must
  {companion} the {kind} lay on the feet of the {coldest|smallest|loneliest} and was warmer than
      any brick.
  The children wanted nothing but the {colour} {kind}, and {companion} lay down among them without
      complaint.
maybe portrait
must
  All night {hero} sat beside a bed and told of {home}, and of what it means to {promise}.
  "Talk to me," said an old man. So {hero} talked of {home}, of its {lanes|orchards|long evenings},
      until it grew light.
maybe promise
para
must
  In the morning the fever {broke|was gone|let go}, first in one house and then in the next.
  At cockcrow somebody laughed, and it was the {finest|first} laugh in that village for weeks.
must
  "We shall not forget {hero} of {home}," said the people, "nor the {colour} {kind}."
  They gave {hero} what they had: {a jar of plums|dry boots|a short cut through the quarry}.
maybe home
maybe food
para
must close
)scenes"
