import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { serialize } from 'php-serialize'
import { metaValue, PhpValueError, unserialize, unserializeThoroughly } from '../../../src/store/sql/php.ts'

test('reads what PHP writes', () => {
  const cases: [string, unknown][] = [
    ['N;', null],
    ['b:1;', true],
    ['b:0;', false],
    ['i:-7;', -7],
    ['d:0.5;', 0.5],
    ['d:1.0E+25;', 1e25],
    ['d:-3;', -3],
    ['i:9223372036854775807;', 2 ** 63],
    ['s:0:"";', ''],
    ['s:7:"Șuică";', 'Șuică'],
    ['s:4:"🍷";', '🍷'],
    ['s:5:"a";s:";', 'a";s:'],
    ['a:0:{}', []],
    ['a:2:{i:0;s:1:"a";i:1;a:1:{i:0;b:1;}}', ['a', [true]]],
    ['a:2:{i:1;s:1:"a";i:0;s:1:"b";}', { 0: 'b', 1: 'a' }],
    ['a:2:{s:4:"nume";N;i:5;d:2.5;}', { nume: null, 5: 2.5 }],
    ['i:1;and more', 1],
  ]
  for (const [text, value] of cases) assert.deepEqual(unserialize(text), value, text)
})

test('refuses what is malformed, too much, or would be an object', () => {
  const deep = (levels: number) => `${'a:1:{i:0;'.repeat(levels)}N;${'}'.repeat(levels)}`
  const refused: Record<string, string> = {
    nothing: '',
    'a cut text': 's:5:"ab',
    'a length in characters': 's:5:"Șuică";',
    'a length inside a character': 's:1:"Ș";',
    'a negative length': 's:-1:"";',
    'a length without end': 's:99999999999999999999:"a";',
    'a count that is a lie': 'a:3:{i:0;N;}',
    'a count without end': 'a:9999999:{',
    'a key that is a list': 'a:1:{a:0:{}i:1;}',
    'a key that is a flag': 'a:1:{b:1;i:1;}',
    'an array left open': 'a:1:{i:0;N;',
    'a flag of two': 'b:2;',
    'an endless number': `i:${'9'.repeat(500_000)};`,
    'no number': 'd:INF;',
    'a hexadecimal number': 'i:0x10;',
    'an object': 'O:8:"stdClass":1:{s:1:"a";i:1;}',
    'an object within': 'a:1:{i:0;O:8:"stdClass":0:{}}',
    'a class that reads itself': 'C:11:"ArrayObject":4:{a:0:}',
    'an enumeration': 'E:7:"Foo:Bar";',
    'a reference': 'a:2:{i:0;s:1:"a";i:1;R:2;}',
    'an object seen before': 'a:2:{i:0;N;i:1;r:1;}',
    'a prototype': 'a:1:{s:9:"__proto__";a:1:{s:5:"admin";b:1;}}',
    'a constructor of ours': 'constructor:1;',
    'fifty-one levels': deep(51),
    'a hundred thousand levels': deep(100_000),
    'too many elements': `a:100001:{${Array.from({ length: 100_001 }, (_, n) => `i:${n};N;`).join('')}}`,
    'more than a megabyte': `s:1000001:"${'a'.repeat(1_000_001)}";`,
    'more than a megabyte of bytes': `s:1000002:"${'Ș'.repeat(500_001)}";`,
  }
  for (const [name, text] of Object.entries(refused)) {
    assert.throws(() => unserialize(text), PhpValueError, name)
  }
  assert.doesNotThrow(() => unserialize(deep(50)))
  assert.equal(({} as Record<string, unknown>).admin, undefined)
})

test('a meta is its value where it is serialised, else its text', () => {
  const cases: [string | null, unknown][] = [
    [null, null],
    ['', ''],
    ['5', '5'],
    ['text', 'text'],
    ['b:1', 'b:1'],
    ['a: 1;', 'a: 1;'],
    ['N;', null],
    [' i:5;\n', 5],
    ['i:-0;', 0],
    ['i:007;', 7],
    ['d:-0;', 0],
    ['d:-0.0;', -0],
    ['d:0.10000000000000001;', 0.1],
    ['a:2:{s:1:"0";s:1:"a";i:1;s:1:"b";}', { 0: 'a', 1: 'b' }],
    ['a:2:{i:0;s:1:"a";i:0;s:1:"b";}', { 0: 'b' }],
    ['a:3:{i:0;N;s:2:"ș";N;i:2;N;}', { 0: null, ș: null, 2: null }],
    ['a:1:{s:9:"__proto__";N;}', 'a:1:{s:9:"__proto__";N;}'],
    ['b:0;', false],
    ['d:1.5;', 1.5],
    ['s:3:"a:0";', 'a:0'],
    ['a:1:{s:3:"cod";s:4:"V409";}', { cod: 'V409' }],
    ['a:1:{s:3:"cod";s:5:"V409";}', 'a:1:{s:3:"cod";s:5:"V409";}'],
    ['a:1:{i:0;O:1:"A":0:{}}', 'a:1:{i:0;O:1:"A":0:{}}'],
    ['O:8:"stdClass":0:{}', 'O:8:"stdClass":0:{}'],
    // Serialised twice: WordPress opens one of them.
    ['s:6:"a:0:{}";', 'a:0:{}'],
  ]
  for (const [text, value] of cases) assert.deepEqual(metaValue(text), value, String(text))
})

/** The value with the order of its keys, or why there is none. */
function opinion(read: (text: string) => unknown, text: string): unknown {
  try {
    const value = read(text)
    return [value, JSON.stringify(value)]
  } catch (thrown) {
    assert.ok(thrown instanceof PhpValueError, String(thrown))
    return thrown.message
  }
}

const runs = process.env.CI === 'true' ? 20_000 : 2_000

test('what the library writes comes back; what was damaged is a value or a PhpValueError, never more', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        fc.stringMatching(/^[a-zșă_]{1,5}$/).filter((key) => key !== '__proto__'),
        tie('tree'),
        { minKeys: 1, maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }))
  fc.assert(
    fc.property(tree, fc.nat(), fc.constantFrom('', '"', ';', '}', '9', 'O', 'ș'), (value, place, put) => {
      const text = serialize(value)
      assert.deepEqual(unserialize(text), value)
      const at = place % (text.length + 1)
      const damaged = text.slice(0, at) + put + text.slice(at + 1)
      // The quick way and the thorough one are of one opinion.
      for (const one of [text, damaged])
        assert.deepEqual(opinion(unserialize, one), opinion(unserializeThoroughly, one), one)
      metaValue(damaged)
    }),
    { numRuns: runs },
  )
})
