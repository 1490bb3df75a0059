R"inventory(
hero she
Ada Aila Alba Anouk Astrid Beatrix Berit Bettina Bronwyn Cecily Clara Dagny Delia Dora Edda Elin
Elsbeth Esme Fenna Freya Greta Gwenda Hedda Helga Ida Ingrid Isolde Jorun Kaja Katrin Lena Linnea
Lotte Maren Marta Mina Mira Nell Nora Odette Petra Rhona Rosalie Sanna Signe Solveig Tilda Una

hero he
Aldo Alvar Anders Arlo Arvid Bastian Bodo Bram Carsten Cedric Conrad Dario Dirk Edvin Einar Emil
Erland Espen Fabian Felix Finn Florian Gerrit Gustav Halvor Hannes Henrik Hugo Ivar Jannik Jasper
Joris Kasper Klaus Lars Leander Linus Magnus Matthis Milo Nils Oskar Otto Ragnar Rasmus Rufus
Sander Tobias

companion
Barley Basil Biscuit Bramble Bumble Burdock Button Clover Cobweb Crumb Dandelion Domino Fennel
Fidget Figaro Flurry Freckle Gadget Gizmo Hazel Hopper Inkling Jingle Juniper Licorice Marigold
Mittens Muffin Mumble Mustard Nettle Nibble Nimbus Noodle Nutmeg Oatmeal Olive Parsley Peanut
Pebble Pepper Pickle Pip Pippin Plum Poppy Puddle Pumpkin Quill Radish Rascal Rhubarb Rumble Rusty
Saffron Scamper Scruff Smudge Snippet Snuffle Sorrel Sparky Sprig Sprout Tango Tansy Teasel
Thistle Tinder Toffee Treacle Truffle Tumble Tuppence Twig Waffle Whisker Widget Wobble Yarrow

rival
Agramor Balthus Barnabas Basterne Belgrave Brock Cadmus Calder Carvello Corvane Crispin Damaric
Draven Drusus Dunstan Ebbert Falk Fenwick Garrick Gaspard Godric Grimaud Hadrian Hector Horatio
Igor Isengrim Jarvis Kestrian Krag Lazlo Leofric Lothar Lucan Malcolm Marius Mordaunt Morgan
Mortimer Nestor Norbert Obadiah Oswin Percival Quentin Radomir Ragbert Reynard Roderick Rupert
Savaric Sigmund Silas Stefano Sylvan Tancred Tarquin Thaddeus Torvald Ulric Valdemar Varian Vasco
Viktor Vortan Waldo Warrick Wolfram Xander Yorick Zoltan

mentor
Abelard Agatha Agnes Alaric Amabel Ambrose Anselm Apollonia Augusta Bartholomew Bede Benedikta
Brigid Casimir Clemence Columba Constance Cordula Dorothea Ebba Edwina Eleanora Emeline Ermintrude
Eudora Eustace Felicity Fulbert Gertrude Gisela Griselda Gudrun Hildegard Hortensia Hubert
Ignatius Isidore Jemima Jocelyn Josepha Kunigunde Lavinia Leopold Lucretia Ludmila Matilda
Mechthild Melchior Meredith Octavia Odalys Odilia Osbert Philippa Prudence Quintilla Rosamund
Seraphina Sibylla Theodora Ulrica Ursula Walburga Winifred Zenobia

home
Alderbrook Applewick Ashby Barleyford Beechham Birchley Bramblecote Brindlewick Broadmead
Brookhollow Burrowdale Buttermere Cloverdell Cobbleton Cranbourne Cresswell Daisyfield Dovecote
Dunmarsh Eastleigh Elderby Elmstead Fairwater Fallowfield Fernhurst Flaxton Gatesby Gooseham
Greenholt Hartwell Hawthorne Haycroft Hazelmoor Heathfield Hollyford Honeywell Ivybridge Kingsmead
Larkhill Leafield Lindenau Lowbridge Maplecote Marshwick Meadowby Millbrook Mossford Netherby
Nutley Oakham Oldcastle Orchardby Otterbourne Pearwick Penfold Plumstead Quarrystead Ravensby
Redbourne Roseacre Rushford Ryehill Sallowby Sedgewick Sheepwash Shelford Springwell Stonebridge
Swanmere Thornbury Tidewell Underhill Vinehall Wheatley Whitcombe Willowby Windlesham Woodbridge
Yarnwick Yewdale

landmark
Aldermoon Argenfell Barrowdeep Blackspire Bleakstone Boulderheim Brackenmaw Cairnhollow Candlepeak
Cinderfall Clovenrock Cragmoor Crowsnest Dawnreach Deepgrotto Dragonsill Duskwater Eaglestair
Echohall Eldertarn Emberhold Everfrost Farwatch Frostgate Gallowmere Ghostfen Giantsfoot
Glimmerpool Goldcrag Gorgonrock Greyhaven Grimtor Hallowdeep Highspindle Hollowcrown Icewell
Ironcleft Kingsbarrow Lanternrock Lastlight Longshadow Lostharbour Mirrormere Mistfall Moonstair
Nightcliff Northspire Oldbeacon Owlsreach Palegate Ravenloft Riddleback Runestead Saltcavern
Seafang Silentwell Skyhold Sleepinghill Starfell Stonewarden Stormhallow Sunkenhall Thornkeep
Thunderhead Towermoor Twilightpass Undermount Wailingbluff Whalebone Wintercairn Wolfscar Wyrmgap

trade
baker basketmaker beekeeper blacksmith bookbinder brewer carpenter chandler clockmaker cobbler
cooper dyer fiddler gardener glazier glover goldsmith hatter joiner lacemaker locksmith mason
miller painter piper potter printer ropemaker saddler scribe tailor thatcher tinker toymaker
weaver wheelwright

colour
black brindled brown chestnut cream dappled dun fawn ginger grey piebald red russet sandy sooty
speckled spotted striped tawny white

kind
badger beaver calf cat donkey dormouse ferret foal fox goat hare hedgehog hound kitten lamb lynx
marten mouse mule otter pony puppy rabbit spaniel squirrel stoat terrier weasel wolf

season
spring summer autumn winter

quality
amber brass bronze cobalt copper crystal ebony enchanted engraved fabled gilded glowing golden
haunted ivory jade jewelled lacquered marble nameless obsidian opal pewter porcelain silver
singing tarnished whispering

object
almanac amulet anchor astrolabe banner bell brooch candlestick casket chalice compass crown drum
globe goblet harp horn hourglass inkwell lantern locket lute medal mirror scroll sceptre shield
spindle statue sundial tablet telescope tiara trumpet violin flask

gift
acorn bead buckle charm clasp coin feather figurine horseshoe kerchief lens magnet mitten needle
pendant pinecone ribbon shell spool tassel thimble walnut whetstone whistle

promise
bake a plum cake for the children | baked a plum cake for the children
brew elderflower tea for the sexton | brewed elderflower tea for the sexton
build a bench beneath the linden | built a bench beneath the linden
carve a flute for the youngest child | carved a flute for the youngest child
catch a trout for the hungry twins | caught a trout for the hungry twins
cook soup for the whole street | cooked soup for the whole street
dance at the midwives' wedding | danced at the midwives' wedding
dig a pond for the geese | dug a pond for the geese
draw a map for the schoolroom | drew a map for the schoolroom
feed the swans through the frost | fed the swans through the frost
fill the cistern behind the chapel | filled the cistern behind the chapel
gather mint for the healer | gathered mint for the healer
hang a swing in the orchard | hung a swing in the orchard
knit a scarf for the watchman | knitted a scarf for the watchman
light a bonfire on the green | lit a bonfire on the green
mend the roof of the granary | mended the roof of the granary
plant an oak beside the well | planted an oak beside the well
polish the clock above the market | polished the clock above the market
repair the swings of the nursery | repaired the swings of the nursery
sew a quilt for the old nurse | sewed a quilt for the old nurse
share the first pears with the poor | shared the first pears with the poor
sing a ballad at the harvest supper | sang a ballad at the harvest supper
stack firewood for the widow | stacked firewood for the widow
sweep the steps of the almshouse | swept the steps of the almshouse
teach the orphans to swim | taught the orphans to swim
wash the windows of the hall | washed the windows of the hall
write a letter to every neighbour | wrote a letter to every neighbour
)inventory"
