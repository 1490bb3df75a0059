R"scenes(
pool open
  {Early|Soon after sunrise|Before the dew was dry|With the first light}, {hero} and {companion}
      left {where}.
  {hero} woke at {where} and found {companion} already {watching the road|sitting in the
      doorway|studying the sky}.
  The {morning|new day} found {hero} and {companion} at {where}, {rested and ready|hungry but
      cheerful|with stiff legs and light hearts}.
  {hero} said thank you to {where}, as people in {home} do, and called {companion}.
  Nobody saw {hero} and {companion} leave {where}, except {a sleepy rooster|one curious robin|the
      last star}.
  At {where} {hero} {shook out|rolled up|folded} the blanket, and {companion} the {kind} stretched
      every leg in turn.
  When {hero} looked back at {where}, it was already {small as a thumbnail|blue with
      distance|half lost among the trees}.
  {companion} was the first to leave {where}, and {hero} followed with a crust in one hand.
  It was {still half dark|barely light|very quiet} at {where} when {hero} {tied|laced|buckled}
      {his} boots.
  "Up, {companion}," said {hero} at {where}. "The road is older than we are, but it does not wait."
  {Breakfast at|The hour before leaving} {where} was {short|simple|merry}, and then {hero} and
      {companion} took the road again.
  A cock crowed three times near {where}, and {hero} {laughed|yawned|stood up} and woke
      {companion}.
  From {where} the path ran {downhill|eastward|between two hedges}, and {hero} let {companion} set
      the pace.

pool weather
  [sun] The sky was {clear|blue|cloudless} from one end to the other.
  [sun] Sunlight lay on the {hedges|stones|treetops} like {warm butter|spilled honey|a good word}.
  [sun] A {soft|gentle|friendly} sun climbed over the {ridge|rooftops|pines}.
  [sun] Not one cloud stood between the road and the sun.
  [rain] A {thin|steady|patient} rain was falling, and every leaf carried a bead-bright drop.
  [rain] Rain drummed on the {leaves|road|brim of an old hat} from the first hour.
  [rain] The clouds hung {low|heavy|dark}, and soon it began to {rain|drizzle|pour}.
  [rain] It was the kind of rain that finds the way into {every pocket|both boots|the bread}.
  [wind] A {strong|wild|restless} wind ran over the fields and combed the grass.
  [wind] The wind {blew|pushed|tugged} from the west and smelled of {salt|smoke|far places}.
  [wind] Gusts shook the {branches|shutters|signposts} and carried every voice away.
  [wind] It was a day of wind, when {hats|gates|thoughts} will not stay where they belong.
  [mist] Mist lay over the {meadows|water|valley}, as {thick|pale|soft} as wool.
  [mist] The world was {wrapped in mist|hushed and pale|only twenty steps wide}.
  [mist] Out of the mist came {posts|trees|cattle} first, and only later their names.
  [mist] A {damp|slow|milky} mist covered the road, and sounds came from nowhere.
  [snow] Snow had fallen in the night, and the road was a clean page.
  [snow] Slow flakes came down and settled on {sleeves|eyelashes|fence posts}.
  [snow] The snow {creaked|squeaked|crunched} under every step.
  [snow] It was so cold that the {puddles|ruts|brooks} had {frozen|turned to glass|gone silent}.
  [spring] It was {season}, and {blossom|birdsong|new grass} was everywhere.
  [summer] It was {season}, and the {barley|clover|thyme} stood {high|thick|sweet} beside the way.
  [autumn] It was {season}, and the {maples|beeches|orchards} were {yellow|burning|half bare}.
  [winter] It was {season}, and the {days|afternoons} were as short as a sigh.
  The {season} air was {fresh|sharp|mild}, and it was a {good|fine|fair} day for walking.
  The {season} light lay {flat|kindly|evenly} on the {hills|fields|road}.
  It was a {season} day like {many others|a held breath|a clean plate}, and nobody else was about.
  "There is no better time for walking than {season}," said {companion}. "You say that of all four,"
      said {hero}.
  Whoever walks in {season} learns {patience|to read the sky|to share}, and {hero} learned it
      {well|slowly|twice}.

pool skyturn
  [sun] By noon the stones were {warm|hot} enough to bake bread on.
  [sun] Toward evening the sun {sank|rolled|slid} behind the hills and left a {rosy|copper-bright}
      band of light.
  [sun] The light grew {long|soft|mellow} as the hours went by.
  [rain] The rain {did not stop|grew finer|went on} until the evening.
  [rain] For a little while the rain {paused|thinned|rested}, and a rainbow {stood|bent} over the
      {valley|marsh|fields}.
  [rain] Water ran down the road in {small brooks|crooked threads|busy streams}.
  [wind] Toward evening the wind {dropped|tired|lay down}, and the silence was enormous.
  [wind] All day the wind {whined|sang|grumbled} in the {reeds|eaves|thorn bushes}.
  [wind] A gust {lifted|stole|snatched} a {scarf|leaf|letter} from somebody far away and carried it
      past.
  [mist] In the afternoon the mist {lifted|tore|melted}, and there were {hills|steeples|fields}
      again.
  [mist] The mist made strangers of {bushes|milestones|scarecrows}.
  [mist] Somewhere in the mist {a dog barked|a cart creaked|water was running}.
  [snow] More snow was on the way; the clouds had the {colour of slate|weight of flour sacks}.
  [snow] Their tracks in the snow were the only {writing|sign of life|marks} for miles.
  [snow] When the moon rose, the snow gave back the light {twice over|like a pond|without a sound}.

pool landscape
  The road {wound|climbed|wandered} between {stone walls|ploughed fields|hedges of hawthorn} and
      never seemed to hurry.
  They passed {a ruined chapel|three beehives|a crooked signpost|an empty dovecot}, and nobody was
      there to ask the way.
  On the left lay {a pond with lilies|a field of turnips|a quarry}, on the right a {dense|bright|
      noisy} wood.
  A {heron|kestrel|buzzard} {circled|hung|drifted} over the valley and {took no notice|watched the
      travellers|cried once}.
  Behind the next hill there was, as usual, another hill.
  The path crossed {a plank bridge|a cattle ford|an avenue of poplars} and then forgot where it
      was going.
  [spring summer autumn] {Larks|Swallows|Starlings|Finches} {rose|scattered|chattered} above the
      furrows.
  An old {woman|man|couple} with a handcart {nodded|waved|wished them luck} and {went
      by|vanished round the bend|rattled on}.
  [summer autumn] There were {mushrooms|blackberries|hazelnuts} along the ditch, and {hero} {picked|
      gathered|pocketed} a handful.
  A {brook|stream|rill} kept them company for {a mile|an hour|the whole forenoon} and told the
      same joke again and again.
  Every milestone had a number, and every number was {smaller|kinder} than the one before.
  {hero} counted {gates|crows|windmills|haystacks} to pass the time and lost count at
      {forty|sixty|a hundred}.
  In a {meadow|clearing|hollow} two {deer|horses|cows} lifted their heads and {stared|blinked|went
      on chewing}.
  The {village|hamlet|farmstead} on the slope {smoked from every chimney|slept|smelled of fresh
      bread}, but there was no time to stop.
  Beyond the {orchard|sheepfold|sawmill} the road grew {narrow|muddy|steep}, and {hero} walked
      more slowly.
  {Moss|Ivy|Lichen} covered the {wayside shrine|boundary stone|fallen trunk}, and a
      {lizard|beetle|wren} lived underneath.
  Far away a {church clock|woodcutter|cuckoo} {struck|called|counted} the hour.
  The {pines|birches|alders} stood {close together|in rows|up to the knees in fern}, and it was
      dim and {cool|still|solemn} beneath them.

pool portrait
  {companion} was {a colour} {kind} with {a torn ear|very serious eyes|a crooked tail}, and no
      better friend could be found between {home} and the sea.
  The {colour} {kind} trotted {ahead|alongside|behind}, stopped at every corner, and waited until
      {hero} came.
  People on the road smiled at {companion}, for {a colour} {kind} with {such a proud walk|so much
      dignity|such an air of business} is not seen every day.
  {companion} {sneezed|shivered|shook} {once|twice}, and dust flew out of the {colour} coat.
  Whoever said that {a kind} cannot {listen|laugh|keep a secret} had never met {companion}.
  {hero} had known {companion} since the {kind} was {no bigger than a loaf|small enough for a
      pocket|a lost thing in a basket}.
  In that light the {colour} coat of {companion} looked {almost blue|brushed|like smoke}.
  {companion} was afraid of {thunder|geese|brooms} and of nothing else, which is not bad for {a
      kind}.
  The {kind} pricked both ears, and {hero}, who trusted those ears, {stood still|listened|slowed
      down}.
  {hero} {scratched|stroked|patted} the {colour} neck of {companion}, and that was a whole
      conversation.
  Of all the {quarrels|puzzles|troubles} in the world, {companion} the {kind} knew only
      {breakfast|dinner} and {home}.
  Two shadows went along the {wall|bank|verge}: a tall one, which was {hero}, and a small one,
      which was {companion} the {kind}.
  {companion} {found|chose|tested} the {dry|firm|short} way round every puddle, and {hero}
      followed the {colour} tail.

pool banter
  "Are we lost?" asked {companion}. "Not at all," said {hero}. "We only do not know where we are."
  "My feet have opinions," said {companion} the {kind}. "Tell them about {landmark}," said {hero}.
  "What will you eat first when we are back in {home}?" asked {companion}. "{Dumplings|Pancakes|
      Everything}," said {hero}.
  "You are humming again," said {companion}. "It keeps the {road|dark|fear} in its place," said
      {hero}.
  "{A kind} would never have built a road like this," said {companion}, and {hero} had to agree.
  "Do you think {rival} sleeps at night?" asked {companion}. "Badly," said {hero}.
  "Tell me the promise again," said {companion}. "I am going to {promise}," said {hero}.
  "How far is it to {landmark}?" asked {companion}. "Nearer than {yesterday|at breakfast},"
      answered {hero}.
  "You might have stayed {a trade} and been {rich|comfortable|dry}," said {companion}. "And you
      might have stayed asleep," said {hero}.
  "If I were {a trade} like you," said {companion}, "I would {invent|build|sell} boots for {friends
      with four feet|tired travellers}."
  "I smell {soup|smoke|water|apples}," said {companion}, and the {kind} was seldom wrong.
  "Who told you that the {object} is {quality}?" asked {companion}. "Everybody in {home},"
      answered {hero}.
  "Hold on to me," said {hero}, and {companion} the {kind} {did|obeyed|came closer} without a word.

pool food
  They ate {bread and cheese|cold porridge|apples|a heel of rye bread} under {an elm|a hawthorn|a
      leaning wall}.
  {hero} shared the last {sausage|pasty|oatcake} with {companion}, half and half, as always.
  A farmer's wife gave them {milk|plum jam|two boiled eggs} and wanted nothing for it.
  There was {pea soup|barley broth|onion stew} in the pot, and nobody spoke until it was gone.
  {companion} the {kind} {begged|danced|sighed} for a rind of cheese and, of course, received it.
  {hero} {toasted|cut|broke} the bread from {home}, which was {hard|old} by now but tasted of
      {kitchens|Sundays|mornings}.
  "Eat slowly," said {hero}, but {companion} had already {finished|licked the plate}.
  They drank from {a brook|a trough|an old pump} and filled the bottle for the afternoon.
  Supper was {thin|late|a feast}, and {companion} ate {three times|like a guest|with closed eyes}.

pool close
  That night {hero} and {companion} slept at {>where}.
  When darkness came, they had reached {>where}, and {companion} was asleep at once.
  {hero} and {companion} spent the night at {>where}, and no dream troubled them.
  The {day|long road} ended at {>where}, where there was {straw|a dry corner|a place by the
      embers} for both of them.
  They {stopped|made camp|laid down the bundle} at {>where}, and {hero} {watched the
      stars|counted the embers|hummed} until sleep came.
  At {>where} they found {a roof|shelter|a little peace}, and {hero} said good night to the far
      lights of {home}.
  By {dusk|nightfall|moonrise} they were at {>where}, {tired|footsore|content} and together.
  It was late when {hero} and {companion} came to {>where} and {lay|sank} down to rest.
  So they came to {>where}, and there they stayed until the morning.
  The last light showed them {>where}, and {hero} carried the sleeping {companion} the final
      {steps|yards}.
)scenes"
