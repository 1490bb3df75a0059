R"scenes(
pool home
  {hero} thought of {home}, of {the narrow lanes|the smell of the bakehouse|the crooked chimneys},
      and walked a little faster.
  In {home} they would now be {lighting the stoves|bringing in the washing|closing the shutters},
      and somebody would say the name of {hero}.
  "In {home} the doors are never locked," {said|sighed} {hero}, and it sounded like a very distant
      country.
  A bird {sang|called} as the birds sing in {home}, and for a moment {hero} {could not speak|stood
      quite still|felt rich}.
  Whatever the road might bring, {home} lay at the end of it.
  {hero} had never been so far from {home} in all {his} life.
  There is a saying in {home} that {a far road makes a near friend|slow water wears the stone|bread
      tastes best when it is shared}.
  {hero} wondered whether the {gate|pump|weathercock} in {home} still {squeaked|dripped|pointed
      north}.
  For the people of {home} it was an ordinary day; for {hero} it was one day less.
  "When we come back to {home}," said {hero}, "I shall sleep for {a week|three days}."
  {hero} drew the roofs of {home} in the {dust|ashes|sand} with a stick and {smiled|rubbed them
      out|looked at them for a long time}.

pool promise
  One promise went with {hero} like a second shadow: to {promise}.
  "I said I would {promise}, and I will," said {hero}.
  Whenever {his} courage grew {small|thin|quiet}, {hero} remembered the promise to {promise}.
  {hero} had given {his} word to {promise}, and in {home} a word is {counted like money|as good as
      oak|never taken back}.
  A promise weighs nothing, but {hero} felt it all the same: to {promise}, and soon.
  "First the {object}," said {hero}, "and after that I have to {promise}."
  {hero} {whispered|repeated|murmured} the promise like a {prayer|rhyme|riddle}: come back, and
      {promise}.
  It is not a great deed to {promise}, yet {hero} could think of nothing {finer|better|sweeter}.
  Had {hero} not sworn to {promise}? That alone was a reason to go on.
  "They will not believe that I remember it," said {hero}, "but I mean to {promise}."
  Somebody in {home} was waiting for {hero} to {promise}, and waiting is hard work too.

pool quest
  [o:away] Somewhere ahead, at {landmark}, lay the {quality} {object}.
  [o:away] "The {object} has waited at {landmark} for a hundred years," said {hero}. "It can wait
      one day more."
  [o:away] {hero} tried to imagine the {quality} {object} and saw it {a little different every
      time|always in moonlight|bigger than it could be}.
  [o:away] Nobody alive had seen the {quality} {object}, but everybody knew somebody who had.
  [o:away] All roads seemed to bend away from {landmark}, and still {hero} kept to the right one.
  [o:away] {landmark} was only a {word|dot on an old map|blue tooth on the skyline} as yet.
  [o:away] It was said that the {quality} {object} could only be {taken|lifted|carried} by
      somebody who did not want it for {profit|glory|pride}.
  [o:away] {hero} asked about {landmark}, and people {pointed|shrugged|lowered their voices} and
      all pointed the same way.
  [o:away] Was the {object} really {quality}? {hero} would know it soon enough.
  [o:hero] {hero} carried the {quality} {object} wrapped in {a shawl|an old shirt|a piece of
      sailcloth}.
  [o:hero] From time to time {hero} touched the bundle and felt the {quality} {object} inside.
  [o:hero] The {quality} {object} was heavier than it looked, and {hero} {changed hands|rested}
      often.
  [o:hero] "Is it still there?" asked the {kind}. {hero} opened the bundle, and the {quality}
      {object} lay there {shining|safe|as before}.
  [o:hero] {landmark} lay behind them now, and {hero} had the {quality} {object} to prove it.
  [o:hero] At every halt {hero} hid the {quality} {object} under {the straw|a coat|dry leaves} and
      sat down upon it.
  [o:hero] It seemed to {hero} that the {quality} {object} {hummed|grew warmer} with every mile
      nearer to {home}.

pool rival
  {hero} thought of {rival} and looked over {his} shoulder.
  {rival} would not {rest|sleep|give up}, that much was certain.
  In the mud there were hoof prints, and {hero} {feared|guessed|knew} whose they were: the tall
      horse of {rival} had passed here.
  A pedlar had seen {rival} {two days ago|at the crossroads|in a very bad temper}.
  "I am not afraid of {rival}," said {hero}, and {nearly|almost} believed it.
  It was known that {rival} had {three servants|fast horses|a purse full of money} and no friend at
      all.
  {rival} had laughed when {hero} the {trade} set out, and that laugh was still in {his} ears.
  "What does {rival} want with the {object}?" asked {hero}. The wind did not answer.
  People spoke the name of {rival} as one speaks of {hail|toothache|the tax}.
  Wherever {rival} had been, the {dogs|children} were silent and the {inns|larders} empty.
  {rival} wanted the {quality} {object} for a {glass case|locked tower|bet}, and for no better
      reason.

pool mentor
  [g:hero] In {his} pocket {hero} felt the {gift}, and it was {warm|smooth|a comfort}.
  [g:hero] "Trust the {gift}, but trust your friends first," {mentor} had said.
  [g:hero] {hero} turned the {gift} over and over and heard again what {mentor} had said about
      {patience|fear|crossroads}.
  [g:hero] The {gift} of {mentor} hung on a string round {his} neck and knocked against a button.
  [g:hero] What would {mentor} have done? {hero} {thought about it|asked the stars|closed both
      eyes} and knew.
  [g:hero] {mentor} had been right: the {gift} was {small|plain}, but nobody who held it felt quite
      alone.
  [g:hero] {hero} showed the {gift} to {the moon|a ladybird|the fire}, for {mentor} had said that
      it liked to look about.
  [g:hero] As long as the {gift} stayed cool, there was no danger near; {mentor} had promised
      that.
  [g:gone] The {gift} was gone, but the words of {mentor} had stayed.
  [g:gone] Sometimes {hero} still reached for the {gift} and found {an empty pocket|only crumbs},
      and thought kindly of {mentor}.

pool craft
  {hero} was {a trade}, and {a trade} notices {hands|doors|small things} before faces.
  "Every {trade} knows that you cannot hurry {glue|dough|time}," said {hero}.
  {hero} looked at {his} hands: they were still the hands of {a trade}.
  Nobody had ever taught {hero} to be brave; {he} had only been taught to be a good {trade}.
  It is a long way from the bench of {a trade} to {landmark}, but {hero} did not count the miles.

pool craft_road
  A {wheelbarrow|fence|kettle} by the wayside wanted mending, and {hero}, {a trade} to the bone,
      {set it right|could not pass it by}.
  "What are you?" a child asked. "{A trade} from {home}," said {hero}.
  {hero} walked as {a trade} works, with {a steady step|few words|care and without haste}.

pool alone
  It was {strange|hard|bitter} to walk without {companion}.
  {hero} talked to {companion} all the same, as one leaves a candle in a window.
  There was nobody to {share the bread|blame for the weather|laugh at the map}, and {hero} missed
      {companion} at every bend.
  {hero} looked for {a colour} {kind} behind every {bush|barn|stone}.
  "Have you seen {a colour} {kind}?" asked {hero}, and people shook their heads.
  {hero} called the name of {companion} {until the throat hurt|three times|into the valley}, and
      only the echo came.
  A world without {companion} was too {big|quiet|tidy}.

pool state
  [>c:with] At the start {hero} and {companion} are at {>where}.
  [>c:lost] At the start {hero} is alone at {>where}, and {companion} is lost.
  [>o:away] The {quality} {object} still lies at {landmark}.
  [>o:hero] {hero} holds the {quality} {object}.
  [>o:rival] {rival} holds the {quality} {object}.
  [>g:mentor] {mentor} still has the {gift}.
  [>g:hero] {hero} carries the {gift}.
  [>g:gone] The {gift} has been given away.

pool title
  The {quality} {object} of {home}
  {hero} and the {quality} {object}
  The road to {landmark}
  {hero} and {companion}
  What lay at {landmark}
  The {trade} of {home}
  The {colour} {kind} of {home}
  How {hero} came to {landmark}
  A {season} tale of {home}
  Against {rival}
)scenes"
