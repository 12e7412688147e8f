import { PluginHost, READ, WRITE } from './plugin-host.js';

const attempt = (what, action) => {
  try {
    const result = action();
    console.log(result === undefined ? what : `${what}: ${result}`);
  } catch (error) {
    console.log(`${what}: refused, ${error.message}`);
  }
};

const host = new PluginHost();
const notes = host.open('first line');
const [editor, spellChecker] = [host.load(10), host.load(10)];

host.grant(notes, editor, 3, READ | WRITE, 77);
attempt('the editor reads handle 3', () => editor.read(3));
attempt('the editor writes handle 3', () => editor.write(3, 'second line'));
attempt('the spell checker guesses at handle 3', () => spellChecker.read(3));
editor.pass(3, spellChecker, 1, READ);
attempt('the spell checker reads what it was passed', () => spellChecker.read(1));
attempt('the spell checker writes to it', () => spellChecker.write(1, 'corrected'));
host.revoke(notes);
attempt('after the host has revoked it, the spell checker reads', () => spellChecker.read(1));

let count = 0;
attempt('a plugin that makes one file after the other', () => {
  for (;;) {
    const handle = 2 + (count % 8);
    spellChecker.drop(handle);
    spellChecker.create(handle, 'x');
    count++;
  }
});
console.log(`it had made ${count}; the host still opens files of its own: ${host.open('fine') > 0}`);
