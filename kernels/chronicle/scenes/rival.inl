R"scenes(
chapter rival wager
ends the stable of the coaching inn | the kitchen bench | the room under the roof
heading A wager with {rival}
heading Supper with {rival}
note In an inn {rival} challenges {hero} to a wager, and {hero} wins a day's start.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe craft
para
must
  Toward evening they came to a coaching inn with {eleven windows|a painted bear on the sign}, and
      every window was lit.
  There was only one inn on that road, and when {hero} opened the door, it was full of {smoke|
      fiddle tunes|muddy boots}.
must
  At the best table sat {rival}, {peeling an orange|before three plates|in a velvet coat}.
  And there, with both boots on a chair, sat {rival}.
must
  "Look, the {trade} from {home}!" cried {rival}. "Have you still got that {kind}?"
  "{hero}!" cried {rival}. "Sit down. I like to see what I am going to beat."
maybe rival
maybe portrait
para
must
  "Let us play," said {rival}. "If I win, you go home to {home}. If you win, I stay in bed
      tomorrow."
  "A wager," said {rival}. "The loser gives the winner a day's start to {landmark}."
must
  "I do not play for money," said {hero}. "But for a day I will play."
  {companion} {shivered|frowned|coughed}, but {hero} had already said yes.
must
  They were to guess the number of {peas|nails|buttons} in a jar, and the {cook|landlady|ostler}
      held
      the lid.
  Three {straws|cards|matches} lay on the table, and the shortest would win.
maybe mentor
para
must
  {rival} {winked at|paid} the {waiter|servant}, and {companion} the {kind} saw it.
  Under the table {rival} exchanged {something|one of them}, but a {kind} sees best under tables.
must
  "{companion} says that your sleeve is not empty," said {hero}, {loudly|mildly}.
  The {colour} {kind} took {rival} by the cuff and {pulled|shook}, and the trick fell out onto the
      floor.
must
  The whole inn {roared|laughed|stamped}, and {rival} turned {scarlet|pale}, and the wager was
      won.
  There was silence, and then somebody said: "The {trade} wins." {rival} broke a glass.
must
  "Tomorrow you have your day," said {rival}, "but the {object} will be mine in the end."
  "Enjoy your day," said {rival}. "One day is short, and {landmark} is long."
maybe quest
maybe promise
maybe home
maybe food
maybe banter
para
must close

chapter rival false_friend
ends the dry well | the abandoned kiln | the gallows oak
heading The kindness of {rival}
heading {rival} offers a map
note {rival} pretends to be a friend and gives {hero} a false map, but {hero} sees through it.
note [g:hero] The {gift} grows warm in time.
para
must open
maybe weather
maybe craft_road
maybe banter
maybe landscape
para
must
  At a bend in the road somebody sat on a {stone|tree stump|saddle} and {waved|smiled|held a
      basket}, and it was {rival}.
  Where two roads meet they met {rival}, alone, on foot, and {smiling like butter|strangely
      polite}.
must
  "Dear {hero}," said {rival}, "why should we be enemies? I have given up. Take my map to
      {landmark}."
  "I am tired of racing," said {rival}. "You love {home}, I only love winning. Here, take my map."
must
  {companion} the {kind} growled, {which was unusual|very low}.
  Every {colour} hair on {companion} stood upright.
maybe rival
maybe portrait
para
must
  On the map {landmark} lay {far to the south|behind a swamp|beyond the lead mines}.
  The map was beautifully drawn, with {whales|windmills|little crosses}, and {landmark} stood quite
      in
      the wrong place.
must
  [g:hero] At that moment the {gift} grew warm in {his} pocket, as warm as {toast|an egg}.
  [g:hero] {hero} felt the {gift}: it was hot, and {mentor} had said what that meant.
  [g:mentor] {hero} looked {rival} in the eyes, and the eyes looked away.
  [g:gone] {hero} remembered how {mentor} had spoken about smiles, and looked again.
maybe craft
must
  "How kind of you," said {hero}, and {bowed|put the map away}. "We are grateful."
  {hero} said thank you, for politeness costs nothing, and took the map.
para
must
  As soon as {rival} was out of sight, {hero} {folded the map into a boat|lit the fire with
      it|turned it over and drew on the back}.
  "And now?" asked {companion}. "Now we go exactly the other way," said {hero}.
must
  "How did you know?" asked the {kind}. "{rival} has never given anything away," said {hero}.
  "I almost believed it," said {companion}. "I wanted to," said {hero}, "and that is how it works."
must
  So they went {north|uphill|along the ridge}, toward the real {landmark}, and {rival} rode in a
      great circle and lost {a day|two days}.
  By the time {rival} noticed it, the {trade} and the {colour} {kind} were {miles|three hills} away.
maybe quest
maybe promise
maybe home
maybe food
maybe skyturn
para
must close
)scenes"
