import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { PluginHost, READ, WRITE } from '../src/plugin-host.js';

let host;
let file;
let first;
let second;
beforeEach(() => {
  host = new PluginHost();
  file = host.open('text');
  first = host.load(10);
  second = host.load(10);
});
const refuses = (action, name) => assert.throws(action, { name: 'Refused', message: name });

test('a handle that was not given names nothing, whatever its number', () => {
  host.grant(file, first, 3, READ | WRITE, 1);
  for (let handle = 0; handle < 64; handle++) refuses(() => second.read(handle), 'FailedLookup');
  assert.equal(first.read(3), 'text');
  refuses(() => first.read(16 + 3), 'FailedLookup');
});

test('rights shrink on the way and never grow', () => {
  host.grant(file, first, 3, READ, 1);
  refuses(() => first.write(3, 'x'), 'IllegalOperation');
  first.pass(3, second, 5, READ | WRITE);
  assert.equal(second.read(5), 'text');
  refuses(() => second.write(5, 'x'), 'IllegalOperation');
});

test('a handle in use is not overwritten', () => {
  host.grant(file, first, 3, READ, 1);
  refuses(() => host.grant(file, first, 3, READ, 2), 'DeleteFirst');
});

test('the badge goes with the handle and cannot be changed by passing it on', () => {
  host.grant(file, first, 3, READ, 77);
  first.pass(3, second, 5, READ);
  assert.equal(second.badgeOf(5), 77);
});

test('revoking reaches every handle, however far it was passed, and no other file', () => {
  const other = host.open('other');
  host.grant(file, first, 3, READ, 1);
  host.grant(other, first, 4, READ, 1);
  first.pass(3, second, 5, READ);
  host.revoke(file);
  refuses(() => first.read(3), 'FailedLookup');
  refuses(() => second.read(5), 'FailedLookup');
  assert.equal(first.read(4), 'other');
  host.grant(file, second, 5, READ, 2);
  assert.equal(second.read(5), 'text', 'the file itself is still there');
});

test('a plugin can use up its own budget and nothing else', () => {
  refuses(() => {
    for (let handle = 0; ; handle = (handle + 1) % 8) {
      first.drop(handle);
      first.create(handle, 'x');
    }
  }, 'NotEnoughMemory');
  second.create(0, 'mine');
  assert.equal(second.read(0), 'mine');
  assert.equal(host.contents.get(host.capabilities.objectOf(host.open('also'))), 'also');
});

test('with a plugin go its files, and the handles to them that others hold', () => {
  first.create(0, 'private');
  first.pass(0, second, 5, READ);
  assert.equal(second.read(5), 'private');
  const before = host.contents.size;
  host.unload(first);
  refuses(() => second.read(5), 'FailedLookup');
  assert.equal(host.contents.size, before - 1, 'finalise was told once');
});
