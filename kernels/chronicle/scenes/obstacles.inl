R"scenes(
chapter obstacle ferry
ends the far bank | the ferry house | the shed full of nets
heading The ferry at the ford
heading A riddle for the river
note A flood has taken the bridge, and the ferryman asks {hero} a riddle before crossing.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe banter
para
must
  Before noon they heard the river, and then they saw it: {muddy and wide|roaring|swollen with
      meltwater}, and where the bridge had been there were two {posts|stumps|broken arches}.
  The road walked straight into a river and came out again on the other side, but the bridge
      between was gone.
must
  {companion} put one foot into the water and took it out again.
  "I can swim," said {companion} the {kind}, "but I would rather not."
  "That is too deep for {a trade} and too cold for {a kind}," said {hero}.
para
must
  There was a ferry, though, and a ferryman with {a beard full of weed|one gold tooth|a voice like a
      foghorn}.
  From a hut of driftwood stepped the ferryman, {yawning|chewing a straw|barefoot}.
must
  "I take no money," said the ferryman. "I take answers. {rival} gave me a wrong one this morning
      and is riding round by the north."
  "Whoever answers my riddle crosses," said the ferryman. "{rival} did not, and was very rude about
      it."
maybe rival
must
  "What has a mouth and never speaks, a bed and never sleeps?" asked the ferryman.
  "It runs all day and has no feet, it murmurs and has no tongue," said the ferryman. "What is it?"
must
  {hero} {looked at the water|sat down on the stones|closed both eyes} and thought.
  {hero} thought of {home} and of the evenings when riddles went round the table.
maybe mentor
must
  "The river," said {hero} at last. "The answer is in front of us."
  "You are standing on the answer," said {hero}. "It is the river."
para
must
  The ferryman laughed until the {gulls|ducks} flew up. "Get in, all six feet of you!"
  "Right," said the ferryman, and was so pleased that the ferry rocked.
must
  Halfway across, a {tree trunk|wave|whirlpool} struck the boat, and {hero} caught {companion} by
      the {colour} coat.
  The rope {groaned|sang}, the water {boiled|foamed}, and {companion} looked firmly at the sky.
maybe quest
must
  Then the keel scraped on gravel, and the river was behind them.
  On the other side {hero} gave the ferryman a hand, and the ferryman gave {hero} a smoked eel.
maybe food
maybe promise
maybe skyturn
maybe home
maybe craft
para
must close

chapter obstacle storm
ends the cave above the pass | the shepherd's hut | the pass inn
heading Over the pass
heading The storm on the mountain
note {hero} and {companion} cross a mountain pass in a storm and save a shepherd's flock.
para
must open
maybe portrait
maybe landscape
maybe quest
para
must
  The path began to climb, and it climbed all day, past {larches|heather|boulders} and then past
      everything that grows.
  Above the last trees the mountain began, {bare|huge|silent}, with its head in the clouds.
must
  "There will be a storm," said a shepherd on the slope. "Turn back, or help me. Sixty sheep are
      still up there."
  They met a shepherd who ran about {in despair|with a torn cloak}, for the flock was scattered and
      a
      storm was coming.
must
  "We will help," said {hero}, for nobody from {home} leaves a neighbour alone, and on a mountain
      everybody is a neighbour.
  {hero} looked at the clouds and then at {companion}. "Which way are the sheep?" asked {hero}.
maybe craft
maybe mentor
para
must
  Then it broke: {thunder|hail|sleet} from three sides, and a wind to {lean on|bite into}.
  The first thunderclap was so loud that the stones {jumped|answered}.
must
  {companion} the {kind} ran in great circles, {barking orders|leaping from rock to rock|low to the
      ground}, and the sheep, {astonished|relieved}, obeyed.
  Nobody had told {companion} how to drive sheep, but {a colour} {kind} in a temper is hard to
      refuse.
must
  {hero} carried the smallest one under {his} coat and counted aloud: fifty-eight, fifty-nine,
      sixty.
  With a rope round {his} waist {hero} climbed into a gully and brought out the last two.
maybe promise
maybe
  Lightning showed the whole world for a moment, {white-faced|without colours}, and then took it
      back.
  For an hour there was no up and no down, only water and noise.
para
must
  When it was over, there were stars, so near that {hero} {ducked|could hear them}.
  All at once the storm had finished, like somebody who has {run out of breath|said it all}.
must
  "I have nothing to give," said the shepherd, "but I saw {rival} ride into the wrong valley, and
      that I tell you gladly."
  The shepherd gave them {a cheese|a wool blanket|directions} and said: "{rival} asked me the way to
      {landmark} yesterday, and I am sorry to say I was not believed."
maybe rival
maybe food
maybe home
maybe banter
para
must close

chapter obstacle forest
ends the edge of the forest | the charcoal burner's fire | the hollow oak
heading The wood without paths
heading Among the muttering trees
note {hero} and {companion} lose their way in a great forest and follow an owl out of it.
para
must open
maybe weather
maybe craft_road
maybe craft
maybe banter
para
must
  Then the forest closed behind them like a door.
  The forest began without a warning: one moment a field, the next a thousand trunks.
must
  There were {no paths|too many paths} in it, and every one of them {turned round|ended at a
      thicket|led back to the same stump}.
  After an hour they came to {a split pine|a mossy stone} they knew, and after two hours they came
      to it again.
must
  "This wood does not want us," said {companion}. "It does not know us," said {hero}.
  The trees {leaned together|rustled|muttered}, and it sounded as if they spoke about {hero}.
  "Perhaps it is the {trade} it dislikes," said {companion} the {kind}. "I have done nothing."
maybe quest
maybe portrait
para
must
  {hero} climbed a {fir|beech|tall ash}, but from the top there was only more forest, as far as
      {the edge of the sky|a dream goes}.
  {hero} tied threads to the branches, and something untied them behind {his} back.
maybe mentor
must
  At last they sat down, and {hero} began to {hum|tell a story}, a tale from {home}, just to hear a
      voice.
  "When you are lost, be polite," said {hero}, and bowed to the oldest tree. "Good evening. We are
      from {home}."
must
  Over their heads an owl opened one eye. "At last somebody who says good evening," said the owl.
  An owl with {tufted|ragged} ears came down without a sound. "{rival} cut branches here," said the
      owl. "You did not. Follow me."
para
must
  They followed the owl through {brambles|bracken|a dry stream bed}, {hero} first and {companion}
      the {kind} at {his} heels.
  From branch to branch it flew, and {companion}, who does not like owls, {said thank you
      twice|kept very close}.
maybe
  Fireflies, or perhaps {eyes|small stars}, hung between the trunks.
  Once something large {breathed|sighed|moved} beside them, and nobody looked round.
must
  And suddenly there was {wind|sky|a field of rye}, and the forest stood behind them, quite
      innocent.
  When they stepped out between the last trees, {hero} took off {his} cap to the owl.
maybe promise
maybe rival
maybe home
maybe food
maybe skyturn
para
must close

chapter obstacle toll
ends the end of the causeway | the reed cutter's hut | the dry side of the marsh
heading The toll on the causeway
heading What the marsh asked for
note On a causeway through the marsh a keeper demands a toll, and {hero} pays it.
note [g:hero] The toll is the {gift}.
para
must open
maybe weather
maybe craft_road
maybe banter
maybe landscape
para
must
  The land became {flat|wet|soft}, and the road ran out onto a causeway through the marsh.
  In front of them was nothing but reeds and {dark|shining} water, and one narrow causeway.
must
  {companion} the {kind} looked into the water, and {something|an old face|the water} looked back.
  "Do not step off," said {hero}. "I had no plans to," said {companion}.
maybe portrait
maybe craft
must
  In the middle stood a gate, and in the gate stood the keeper, {long as a reed|dripping|with moss
      for eyebrows}.
  A gate of bones and willow barred the way, and its keeper {rose from the mud|held up a pale
      hand}.
para
must
  "Everybody pays," said the keeper of the marsh. "{rival} paid with a servant's boots. What do you
      love, {hero}?"
  "The toll is something you would rather keep," said the keeper. "From {rival} I took a pipe. What
      have you got, {trade}?"
must
  {hero} looked at {companion}. "Not the {kind}," said {hero}. "Never the {kind}."
  "You may not have {companion}," said {hero} at once, "and my promise to {promise} is not mine to
      give."
must
  [g:hero >g:gone] Slowly {hero} took out the {gift} and gave it to the keeper.
  [g:hero >g:gone] {hero} thought of {mentor}, {swallowed|sighed}, and laid the {gift} in the wet
      hand.
  [g:mentor] {hero} {sang|told a story} until the keeper wept, and that was toll enough.
  [g:gone] {hero} had nothing left to give and sang a song from {home}, and that was toll enough.
maybe
  "That was hard," said the keeper. "Good. Hard things float." The gate opened.
  The keeper smelled at it, {hummed|nodded}, and the gate went up, creaking.
para
must
  Behind the gate the {lights|voices|bubbles} of the marsh tried to lead them astray.
  Little lights danced over the mud and called {hero} by name, in the voice of {home}.
must
  But {companion} the {kind} went first, nose down, and the {colour} tail was the only flag they
      needed.
  {hero} kept one hand on the {colour} back of {companion} and both eyes on the road.
maybe promise
maybe quest
maybe rival
maybe home
maybe skyturn
maybe food
para
must close

chapter obstacle bridge
ends the tollman's bench | the town beyond the gorge | the mill under the bridge
heading The rope bridge
heading Across the gorge
note {hero} and {companion} must cross a gorge on a rotten rope bridge.
para
must open
maybe weather
maybe craft_road
maybe portrait
maybe landscape
para
must
  A gorge lay across the road, as if the earth had been {torn|opened with a knife|yawning}.
  The road stopped at a gorge so deep that a dropped stone never answered.
must
  Over it hung a bridge of ropes and {missing|rotten|mossy} planks.
  There was a bridge, if {forty planks|a few ropes} and a prayer make a bridge.
must
  On a post was written: one at a time, and no complaints.
  A board said: closed since the flood. Below it somebody had scratched: {rival} was here and turned
      back.
maybe craft
maybe rival
para
must
  "I go first," said {companion}, "for {a kind} weighs less than {a trade}."
  "Together or not at all," said {hero}, and took {companion} under one arm.
  {hero} tied the rope to an old pine and the other end round {companion} the {kind}.
must
  Step by step they went out over the {roaring|dizzy|blue} depth, and the bridge {swayed|hissed|
      counted with them}.
  At the {tenth|ninth|twelfth} plank {hero} made the mistake of looking down.
maybe mentor
must
  Then a plank {cracked|vanished|broke in two}, and {hero} hung by {his} hands.
  Suddenly one rope tore, and the whole bridge turned on its side like a sleeper.
must
  {companion} the {kind} caught {his} sleeve between both rows of teeth and {pulled|did not let go}.
  "Climb!" cried {companion}, and the {colour} {kind} braced four feet against the post.
para
must
  They lay in the grass on the other side and {laughed|shook|looked at the clouds} for a long time.
  When {hero} had breath again, {he} used it to say: "Thank you, {companion}."
must
  {hero} knotted a new rope before going on, because somebody might come after them.
  "Somebody must mend that," said {hero}, and before they left, {he} had replaced six planks.
maybe promise
maybe quest
maybe home
maybe banter
maybe food
maybe skyturn
para
must close
)scenes"
