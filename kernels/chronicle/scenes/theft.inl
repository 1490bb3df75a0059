R"scenes(
chapter theft night
ends the plundered camp | the lonely chapel porch | the ashes of the fire
heading A thief in the night
heading What {rival} took
note While {hero} and {companion} sleep, {rival} steals the {quality} {object}.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe quest
maybe home
para
must
  All that day the road was {easy|friendly|downhill}, and that should have been a warning.
  They walked so far that day that {hero} {stumbled|yawned|was nearly asleep on both feet}.
must
  [g:hero] In the evening the {gift} grew warm, but {hero} thought it was only the fire.
  [g:hero] The {gift} burned in {his} pocket, but {hero} had {put the coat aside|fallen asleep}.
  [g:gone] "If I still had the {gift}," said {hero}, "I should feel safer tonight."
  [g:mentor] "I do not like the way the crows are silent," said {hero}.
must
  [o:hero] {hero} put the {quality} {object} under {his} head, as a pillow, and {companion} the
      {kind} took the first watch.
  [o:hero] "I will keep watch," said {companion}, and laid one foot on the {object}.
maybe portrait
maybe mentor
maybe food
para
must
  At midnight a shadow came, with rags round its {boots|hooves}, and in its hand was a {sausage full
      of poppy|little bottle}.
  Somewhere after midnight it smelled of {poppies|something sweet}, and the head of {companion} sank
      lower and lower.
must
  [>o:rival] {rival} lifted {his} head as gently as a nurse, drew out the {quality} {object}, and
      was
      gone.
  [>o:rival] It was {rival}, and {rival} took the {quality} {object} and left a stone in its place.
must
  [o:rival] When {hero} woke, there was a stone under the blanket, and far away, very small, {rival}
      was riding.
  [o:rival] In the gloom of dawn {hero} reached for the bundle and grasped only grass.
must
  "{companion}," said {hero}, "it is gone." The {kind} could not look up.
  "It is my fault," said {companion}. "It is the fault of {rival}," said {hero}, "and of nobody
      else."
maybe rival
maybe promise
maybe craft
must
  [o:rival] "Do we go home without it?" asked {companion}. "No," said {hero}. "We go after {rival}."
  [o:rival] {hero} drank some water and tied {his} boots. "{rival} has a horse," {he} said. "We
      have a
      reason."
para
must
  [o:rival] They followed the hoof prints all day, and the evening found them at {>where}.
  [o:rival] By nightfall they had come as far as {>where}, and the tracks of {rival} went on.
  [o:rival] That day they ran more than they walked, and at {>where} they could do no more.

chapter theft trick
ends the locked gate | the ditch outside the castle | the woodshed with a view
heading The guest of {rival}
heading A castle with soft beds
note {rival} invites {hero} to a castle, locks the door and keeps the {quality} {object}.
para
must open
maybe landscape
maybe quest
maybe banter
para
must
  A messenger in {green|velvet} stopped them: {hero} was invited to supper, in a castle, by {rival}.
  On the road stood a carriage, and in the carriage sat {rival}. "Let us make peace," said {rival}.
      "Be my guest tonight."
must
  "I do not trust this," said {companion} the {kind}. "Nor do I," said {hero}, "but you are
      limping."
  {hero} hesitated, but the {colour} {kind} was {hungry|shivering|worn out}.
maybe rival
maybe mentor
must
  The castle had {forty windows|a hundred clocks}, and all of them were {blind|wrong}.
  It was a castle with {eleven towers|a moat full of carp}, and not a soul laughed in it.
para
must
  At table there were {nine dishes|a swan of sugar|peaches}, and {rival} asked this and that about
      {home}.
  "Tell me about {home}," said {rival}, and filled the glasses. "What is it you promised? To
      {promise}? How touching."
maybe food
maybe home
must
  [o:hero] "May I hold the {object}?" asked {rival}. "Only for a moment." {hero} did not know how to
      refuse a host.
  [o:hero] "Show me the {quality} {object}," said {rival}, "and I will admit that you have won."
must
  [>o:rival] In that moment {rival} had the {quality} {object}, and the servants had {hero} by the
      collar.
  [>o:rival] {rival} took the {object}, smiled, and rang for the servants.
must
  [o:rival] "Good night, {trade}," said {rival}, and the gate fell shut behind {hero} and
      {companion}.
  [o:rival] They were thrown out into the {dark|mud|nettles}, first {hero} and then {companion} the
      {kind}.
maybe portrait
para
must
  "I was a fool," said {hero}. "You were polite," said {companion}. "It is not the same, but it
      looks similar."
  {hero} sat in the ditch and was ashamed. "I ought to have listened to you, {companion}," {he}
      said.
must
  [o:rival] High up, behind one window, they saw the {quality} {object} shine in the hands of
      {rival}.
  [o:rival] "We shall get it back," said {hero}. "I have to {promise}, and for that I need the
      {object}."
maybe promise
maybe craft
para
must
  [o:rival] They spent that night at {>where}, and {hero} {made a plan|did not sleep}.
  [o:rival] That night they stayed at {>where} and watched the lights go out, one after the other.

chapter regain trial
ends the judge's garden | the town hall steps | the inn of the three judges
heading Before the judge
heading Whose {object} is it?
note Before a judge {hero} proves that the {quality} {object} belongs to {home}, and {rival} must
      give it back.
para
must open
maybe weather
maybe craft_road
maybe craft
para
must
  [o:rival] In the next town they caught up with {rival}, who was showing the {quality} {object} to
      everybody.
  [o:rival] They found {rival} on the market square of the next town, with the {object} on a
      cushion.
must
  "Thief!" cried {hero}. "Beggar!" cried {rival}. So somebody fetched the judge.
  {hero} did not shout. {He} went to the judge, an old lady with {snuff on both sleeves|a
      stick|endless patience}.
maybe rival
maybe portrait
must
  "Whose {object} is this?" asked the judge. "Mine," said {rival}. "It belongs to {home}," said
      {hero}.
  The judge looked at the {quality} {object}, and at {rival}, and at the {colour} {kind}. "Speak,
      one
      after the other."
para
must
  [o:rival] {rival} told a long tale of {inheritance|auctions|an uncle}, and it had a hole in every
      corner.
  [o:rival] "I bought it," said {rival}. "From whom?" asked the judge. {rival} coughed.
must
  {hero} told of {landmark}, of the road, and of the promise to {promise}, and left nothing out, not
      even the mistakes.
  "I am only {a trade}," said {hero}, "but I can tell you every step from {landmark} to this place."
maybe mentor
maybe promise
must
  "Words," said the judge. "Let us ask the {object} itself. Put it on the floor between you, and
      both of you call."
  "There is a simple test," said the judge. "Whoever loves it will not pull. Take hold of it, both
      of you."
must
  {rival} {begged|shouted|clapped}, and the {object} lay there like lead.
  {rival} pulled until the seams burst, and {hero}, who feared it might break, let go.
maybe quest
must
  [>o:hero] "Give it to {hero}," said the judge, and the {quality} {object} went back into the arms
      of the {trade}.
  [>o:hero] "That is the answer," said the judge, and {hero} received the {quality} {object} from
      the old hands.
para
must
  [o:hero] {rival} had to pay {the costs|a fine of nine hens} and left the town on foot.
  [o:hero] The people cheered, {companion} the {kind} was carried round the square, and {rival}
      {was forgotten|slipped away}.
must
  [o:hero] "How did you know?" asked {hero}. "I am old," said the judge, "and your {kind} does not
      lie."
  [o:hero] "Go home to {home}," said the judge, "and do what you promised."
maybe home
maybe food
maybe banter
maybe skyturn
para
must close

chapter regain exchange
ends the bridge of the lindens | the field of haycocks | the house with the stork's nest
heading The bargain
heading What {rival} could not buy
note {rival} falls into danger, {hero} helps, and {rival} gives the {quality} {object} back.
para
must open
maybe weather
maybe craft_road
maybe landscape
maybe promise
para
must
  [o:rival] Before noon they heard somebody calling for help, and the voice was the voice of
      {rival}.
  [o:rival] In a bog beside the road stood a horse without a rider, and farther out, up to the
      chest, stood {rival}.
must
  [o:rival] {rival} held the {quality} {object} above the mud with both hands, and every minute they
      sank a little.
  [o:rival] Up to the belt in the bog, {rival} still would not let go of the {object}.
maybe rival
must
  "We could simply wait," said {companion}. {hero} was already {looking for a pole|unlacing both
      boots|tying a
      rope}.
  "Serves you right," said the {kind}. "Yes," said {hero}, "and now help me with this branch."
maybe portrait
para
must
  {hero} crawled out over {branches|a ladder|the reeds}, flat as a lizard, and {companion} held
      {him}
      by the coat.
  The {trade} from {home} laid a plank over the mud and went out upon it, step by step.
maybe craft
must
  "Throw it away and take my hand," said {hero}. "The {object}?" cried {rival}. "It is worth a
      kingdom!" "You are worth more," said {hero}.
  "Why are you helping me?" asked {rival}. "Because nobody should end in a bog," said {hero}. "Not
      even you."
maybe mentor
must
  They pulled, {hero} and {companion} and in the end the horse as well, until the bog let {rival}
      go.
  With a sound like a cork {rival} came out, minus both boots.
para
must
  For a long time {rival} sat in the grass and said nothing, and that was new.
  {rival} {wept|shook|looked at the mud}. "I left you a stone and you gave me a hand," said {rival}.
must
  [>o:hero] Then {rival} held out the {quality} {object}. "It is yours, {hero}. Take it to {home}."
  [>o:hero] {rival} laid the {object} into the hands of {hero}, and for once there was no trick in
      it.
must
  [o:hero] "Come and see it in {home}," said {hero}, "where everybody can see it."
  [o:hero] "I thought I wanted it," said {rival}. "I only wanted to be first." "Now you are the
      first
      to give it back," said {hero}.
maybe quest
maybe home
maybe food
maybe banter
maybe skyturn
para
must close
)scenes"
