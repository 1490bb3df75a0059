R"scenes(
pool short_open
  This is a short tale of {hero} the {trade} and {companion} the {colour} {kind}.
  {hero}, {a trade} from {home}, went nowhere without {companion}, {a colour} {kind}.
  In {home} lived {hero} the {trade}, and with {hero} lived {companion}, {a colour} {kind}.
  One {season} morning {hero} the {trade} left {home} with {companion}, {a colour} {kind}.
  {companion} was {a colour} {kind}, {hero} was {a trade}, and both came from {home}.
  It was {season} in {home}, and {hero} and {companion} the {kind} were {ready|restless|awake
      early}.

pool short_goal
  They were looking for the {quality} {object}, which lay at {landmark}.
  At {landmark}, far from {home}, lay the {quality} {object}, and {hero} wanted to bring it back.
  {rival} wanted the {quality} {object} as well, and {rival} had the faster horse.
  Old {mentor} gave {hero} the {gift} and pointed toward {landmark}.
  "Take the {gift}," said {mentor}, "and go to {landmark} before {rival} does."
  {hero} had promised to {promise}, but first came the {quality} {object}.
  "When I have found the {object}," said {hero}, "I shall {promise}."

pool short_end
  In the end {hero} brought the {quality} {object} to {home} and {promised}.
  {rival} came too late, and the {quality} {object} went home to {home}.
  "Well done," said {mentor} to {hero}, and {companion} the {kind} took a bow.
  So {hero} {promised}, and {companion} slept beside the {quality} {object}.
  And that is how {hero} of {home} came to {landmark} and back again.
  Then {hero} and {companion} went home to {home}, and {hero} {promised}.

chapter short tale
ends the old gate
heading {hero} and {companion}
heading The {quality} {object}
heading A short tale of {home}
heading The road to {landmark}
note A short tale of {hero} and {companion}.
para
must short_open
must short_goal
maybe short_goal
maybe promise
maybe rival
maybe home
maybe craft
maybe portrait
must short_end
)scenes"
