// Fills in the ids of cases.json as Hugging Face's own library gives them (npm i tokenizers):
//   node ids.cjs cases.json > new.json
// A case is {"name", "tokenizer": a whole tokenizer.json, "texts": [[text, ids or nothing], ..]}.
const fs = require('fs');
const {Tokenizer} = require('tokenizers');

async function filled({name, tokenizer, texts}) {
  const library = Tokenizer.fromString(JSON.stringify(tokenizer));
  const lines = [];
  for (const [text] of texts) {
    const ids = (await library.encode(text, null, {addSpecialTokens: false})).getIds();
    lines.push('  ' + JSON.stringify([text, ids]));
  }
  return `{"name": ${JSON.stringify(name)},\n "tokenizer": ${JSON.stringify(tokenizer)},\n` +
      ` "texts": [\n${lines.join(',\n')}]}`;
}

const cases = JSON.parse(fs.readFileSync(process.argv[2]));
Promise.all(cases.map(filled)).then((all) => console.log(`[${all.join(',\n')}]`));
