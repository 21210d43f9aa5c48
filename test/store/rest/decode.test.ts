import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { decode, unpack } from '../../../src/store/rest/decode.ts'
import { createRedactor, startOf } from '../../../src/store/rest/redact.ts'

const container = fc.oneof(
  fc.array(fc.jsonValue(), { maxLength: 5 }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }),
)
const noises = [
  '<br />\n<b>Deprecated</b>:  Creation of dynamic property A::$b in <b>/x/y.php</b> on line <b>3</b><br />\n',
  'PHP Warning:  Array to string conversion {main} [0] in /x/y.php on line 3\n',
  '\uFEFF',
  '<!-- [if lt IE 9] --><div>\n',
]
const runs = { numRuns: process.env.CI ? 3000 : 300 }

describe('decoding (row 34)', () => {
  it('finds any JSON behind any noise, whole', () => {
    fc.assert(
      fc.property(container, fc.array(fc.constantFrom(...noises), { maxLength: 3 }), (data, before) => {
        const text = JSON.stringify(data)
        const decoded = decode(Buffer.from(before.join('') + text))
        assert.equal(decoded.kind, 'json')
        assert.deepEqual(decoded.kind === 'json' && decoded.data, JSON.parse(text))
      }),
      runs,
    )
  })

  it('never takes a part of a cut answer for the answer', () => {
    fc.assert(
      fc.property(container, fc.nat(), fc.boolean(), (data, at, noisy) => {
        const text = JSON.stringify([data, { description: '<p>[]</p>\n{"a":[1]}\n[2]' }])
        const kept = text.slice(0, 1 + (at % (text.length - 1)))
        const decoded = decode(Buffer.from((noisy ? noises[0] : '') + kept))
        assert.equal(decoded.kind, 'cut')
      }),
      runs,
    )
  })

  it('takes a page for a page, even one that carries JSON', () => {
    const script = '<script type="application/ld+json">{"@type":"Store"}</script>'
    for (const text of [
      `<!DOCTYPE html><html><head>${script}</head></html>`,
      `\n<!-- hello --><HTML lang="ro">${script}`,
      script,
    ]) {
      assert.equal(decode(Buffer.from(text)).kind, 'html')
    }
  })

  it('tells empty and other bodies apart', () => {
    assert.equal(decode(Buffer.from('')).kind, 'empty')
    assert.equal(decode(Buffer.from('\uFEFF \n')).kind, 'empty')
    for (const text of ['0', 'null', '"ok"', '-1', 'Error establishing a database connection', '[1,]'])
      assert.equal(decode(Buffer.from(text)).kind, 'other', text)
  })

  it('puts a sign in place of bytes that are no UTF-8', () => {
    const decoded = decode(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3]), Buffer.from('"}')]))
    assert.deepEqual(decoded.kind === 'json' && decoded.data, { a: '\uFFFD' })
  })

  it('does not stumble over a very long string', () => {
    const text = `x\n${JSON.stringify([`${'a'.repeat(20_000_000)}\\n"`.repeat(1)])}`
    assert.equal(decode(Buffer.from(text)).kind, 'json')
  })
})

describe('unpacking', () => {
  it('undoes gzip of any size, with a wrong size noted too', async () => {
    for (const size of [0, 1, 1000, 300_000]) {
      const packed = gzipSync(Buffer.alloc(size, 'a'))
      assert.equal((await unpack(packed, 'gzip', 1_000_000)).length, size)
    }
    const two = Buffer.concat([gzipSync('[1,'), gzipSync('2]')])
    assert.equal((await unpack(two, ' GZIP', 1000)).toString(), '[1,2]')
  })

  it('stops at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000))
    await assert.rejects(unpack(bomb, 'gzip', 1_000_000), { tooLarge: true })
  })
})

describe('redacting', () => {
  it('takes every form of a secret out of a text', () => {
    const redact = createRedactor(['ck_abc123', 'geheim+/='])
    const text =
      'GET https://shop.test/wp-json?consumer_key=ck_abc123&oauth_signature=a%2Fb%3D geheim+/= geheim%2B%2F%3D ' +
      'Authorization: Basic Y2tfYWJjOmdlaGVpbQ== "consumer_secret":"zzz" oauth_nonce=123 cs_other999'
    const clean = redact(text)
    for (const secret of ['ck_abc123', 'geheim', 'a%2Fb', 'Y2tfYWJj', 'zzz', '123', 'other999'])
      assert.ok(!clean.includes(secret), `${secret} in ${clean}`)
    assert.match(clean, /^GET https:\/\/shop\.test\/wp-json\?…/)
  })

  it('keeps what is no secret, at most 200 characters', () => {
    const redact = createRedactor([''])
    assert.equal(startOf('  No route\nwas found ', redact), 'No route was found')
    assert.equal(startOf('x'.repeat(500), redact).length, 201)
  })
})
