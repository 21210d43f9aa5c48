import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanText, displayText, rawUrlDecode, titleSlug } from '../../../src/store/sql/wordpress-text.ts'

test('a value is displayed as one line without tags', () => {
  for (const [value, expected] of [
    ['La mulți ani, Ana!', 'La mulți ani, Ana!'],
    ['two\nlines\r\n\r\nand more', 'two lines and more'],
    ['  much   room ', 'much room'],
    ['Tom & Jerry', 'Tom &amp; Jerry'],
    ['Tom &amp; Jerry &nosuch;', 'Tom &amp; Jerry &amp;nosuch;'],
    ['<b>bold</b> text', 'bold text'],
    ['<p>one</p><p>two</p>', 'one two'],
    ['<script>alert(1)</script>', 'alert(1)'],
    ['3 < 4', '3 &lt; 4'],
    ['4 > 3', '4 &gt; 3'],
    ['50%', '50%'],
    ['100%25 off', '100 off'],
    ['https://example.test/?a=1', 'https://example.test/?a=1'],
  ] as const) {
    assert.equal(displayText(value), expected, value)
  }
  assert.equal(cleanText('Tom & Jerry'), 'Tom & Jerry')
  assert.equal(cleanText(' a <i>b</i>\n'), 'a b')
  // A long text of openings takes no time worth speaking of.
  const started = performance.now()
  displayText('<'.repeat(20_000))
  displayText('&'.repeat(20_000))
  displayText('a '.repeat(20_000))
  assert.ok(performance.now() - started < 2000)
})

test('names are compared by their slugs', () => {
  for (const [name, slug] of [
    ['Mărime', 'marime'],
    ['Tip bilet', 'tip-bilet'],
    ['500 ml', '500-ml'],
    ['1 L', '1-l'],
    ['Größe', 'grosse'],
    ['Łódź', 'lodz'],
    ['Размер', 'размер'],
    ['%d1%80%d0%b0%d0%b7%d0%bc%d0%b5%d1%80', 'размер'],
  ] as const) {
    assert.equal(titleSlug(name), slug)
  }
  assert.equal(rawUrlDecode('caf%C3%A9 100%'), 'café 100%')
  assert.equal(rawUrlDecode('%FF%FE'), '%FF%FE')
})
