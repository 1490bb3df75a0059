R"scenes(
chapter departure silence
ends the last milestone | the crossroads inn | the empty hayloft
heading Leaving {home}
heading The morning {home} fell silent
heading {hero} takes the road
note The luck of {home} is gone, and {hero} the {trade} sets out with {companion} to find the
      {quality} {object}.
note In {season} {hero} leaves {home} for {landmark}, and gives a promise: to {promise}.
para
must
  In {home} there lived a young {trade} whose name was {hero}.
  There was once {a trade} in {home} called {hero}, {patient|quick|cheerful} by nature and {curious|
      stubborn|kind} by habit.
  Of all the people of {home}, none {worked longer|laughed louder|slept better} than {hero} the
      {trade}.
must
  {hero} shared a {narrow|sunny|crooked} house with {companion}, {a colour} {kind} who {slept in
      the bread trough|knew everybody|could not bear closed doors}.
  At {his} side, {in the workshop|at table|in church}, there was always {companion}, {a colour}
      {kind} with {wise|round|merry} eyes.
  Nobody had ever seen {hero} without {companion}, the {colour} {kind}.
maybe portrait
maybe craft
para
must
  Then came a {season} when everything in {home} went wrong.
  But that {season} the luck went out of {home} like water out of a cracked jug.
  In the {season} of that year, {home} began to {fade|wither|despair}.
must
  The {wells|hens|cows} gave {nothing|less every day}, the {mill|dough|beer} stood still, and even
      the {children|bees|sparrows} were quiet.
  {Milk turned sour|Clocks ran backward|Fires went out}, {friends quarrelled|roofs leaked|crops
      failed}, and nobody {sang|knew why|could remember a joke}.
maybe
  The {mayor|sexton|schoolmistress} {searched the records|scratched a bald head|called a meeting},
      and the meeting lasted until midnight.
  People {blamed the moon|blamed each other|locked their doors}, which helped nobody.
must
  "Our luck has always hung on the {quality} {object}," said the oldest {woman|man} in {home}, "and
      it was carried off to {landmark} before you were born."
  In the parish book stood one line: the luck of {home} is in the {quality} {object}, and the
      {quality} {object} is at {landmark}.
  "Without the {quality} {object} there will be no {feast|wedding|good year} here," said the
      {innkeeper|midwife|judge}, "and it lies at {landmark}, where nobody goes."
para
must
  "Then I will go to {landmark}," said {hero}, {quite|very} {softly|calmly}, and the whole room
      turned round.
  {hero} {stood up|put down the spoon|raised a hand}. "I will bring the {object} back," said
      {hero}.
  "Somebody has to fetch it," said {hero} the {trade}. "Why not me and {companion}?"
must
  {rival} {laughed|snorted|clapped slowly} from the back of the room. "A {trade} and {a kind}! The
      {object} will be mine before you find your boots."
  But {rival}, the richest {man|landlord|merchant} of the county, wanted the {quality} {object} as
      well, and {smiled|left without a word|sent for a horse}.
  "You?" cried {rival}. "I shall have the {quality} {object} on my mantelpiece before the week is
      out."
must
  Before leaving, {hero} gave the children of {home} a promise: "When I return, I will {promise}."
  "And when the luck is home again," {hero} promised, "I will {promise}."
  On the steps of the hall {hero} swore before everybody to {promise} on the day of the return.
maybe promise
para
must
  So on a {bright|cool|windless} morning in {season} {hero} closed the door, and {companion} the
      {kind} ran ahead.
  {hero} packed {bread|a blanket|a good knife}, {needles and string|two candles|dry socks} and {a
      map without names|a song|some salt}, and left {home} at dawn.
  The next day {hero} and {companion} walked out of {home} by the {north gate|mill road|old
      bridge}.
maybe
  The {sexton's widow|blind singer|youngest child} ran after them with {a warm loaf|a scarf|a pot of
      honey}.
  {Handkerchiefs|Caps|Aprons} waved from every window until the road turned.
maybe weather
maybe landscape
maybe craft_road
maybe quest
maybe rival
maybe banter
para
must close

chapter departure letter
ends the toll house | the beech wood | the wayside chapel
heading A letter for {hero}
heading The {trade} and the letter
heading News from {landmark}
note A letter tells {hero} the {trade} where the {quality} {object} lies, and {hero} leaves {home}
      with {companion}.
note {hero} promises to {promise}, and {rival} hears of the journey to {landmark}.
para
must
  The letter came to {home} on a {windy|hazy|drowsy} {season} morning, and it was addressed to
      {hero} the {trade}.
  One {season} morning a {messenger|pigeon|pedlar} brought a letter to the {trade} of {home}, whose
      name was {hero}.
  {hero}, the {trade} of {home}, had never received a letter before that {season}.
must
  {companion}, {a colour} {kind} of {good family|strong views|great curiosity}, sat on the envelope
      until it was opened.
  {companion} the {kind} {sniffed at|licked|distrusted} the seal, and every {colour} hair stood
      up.
  It was {companion}, the {colour} {kind}, who {found it on the doorstep|heard the knock|carried it
      in}.
maybe portrait
para
must
  "Dear {trade}," it said, "your grandmother kept the {quality} {object} for {home}. It was stolen,
      and now it lies at {landmark}. Fetch it."
  It held one line only: the {quality} {object} that was stolen from {home} lies at {landmark}.
  {hero} read it {twice|aloud|by the window}. The {quality} {object}, the pride of {home}, was not
      lost at all; it was at {landmark}.
maybe
  The {hook|shelf|niche} above the {hearth|altar|town gate} had been empty for {thirty|fifty}
      years, and everybody in the valley knew it.
  {Old people|Grandmothers} still told how {bright|lucky|proud} the town had been in those days.
must
  "It is too far for {a trade}," said the neighbours. "It is not too far for two," said {hero}, and
      looked at {companion}.
  {hero} {swept the workshop|paid every debt|oiled the hinges}, and by evening the matter was
      decided.
  "What does one need on the way to {landmark}?" asked {hero}. "Company," said {companion}.
maybe craft
para
must
  That evening there was {a knock|a shadow|a cough} at the door, and {rival} walked in without
      wiping {any boots|a single boot}.
  Bad news travels fast, and good news faster: before supper {rival} knew about the {object}.
  At the inn {rival} bought {wine|silence|the fastest horses}, and asked everybody the way to
      {landmark}.
must
  "Sell me that letter," said {rival}. "No," said {hero}.
  "The {quality} {object} belongs to the one who gets there first," said {rival}. "It belongs to
      {home}," said {hero}.
  {rival} offered {a hundred ducats|a farm|a seat in the council} for the letter, and {hero} threw
      it into the stove, for {he} had learned it by heart.
para
must
  All of {home} came to say goodbye. "Come back," they said, "and what will you do then?" "Then I
      will {promise}," said {hero}.
  "If I come back," said {hero} to the neighbours, "I will {promise}. You have my word."
  {hero} {kissed|embraced|thanked} everybody in {home} and promised to {promise}.
maybe promise
must
  They took the road at {dawn|cockcrow|first light}, the {trade} and the {colour} {kind}, and did
      not look back until the hill.
  {hero} {locked|closed} the workshop, hid the key under {a flowerpot|the third stone}, and set out
      with {companion}.
  With {companion} on one side and a stick on the other, {hero} left {home} that {season} day.
maybe weather
maybe landscape
maybe craft_road
maybe quest
maybe rival
maybe banter
para
must close
)scenes"
