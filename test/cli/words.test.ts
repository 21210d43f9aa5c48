/** Prices and languages of `test-connection`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorKinds } from '../../src/errors.ts'
import { productLines } from '../../src/interfaces/cli/connection.ts'
import { priceText } from '../../src/interfaces/cli/price.ts'
import { en } from '../../src/interfaces/cli/words/en.ts'
import { es } from '../../src/interfaces/cli/words/es.ts'
import { ro } from '../../src/interfaces/cli/words/ro.ts'
import { languageOf, wordsFor } from '../../src/interfaces/cli/words.ts'
import { readSettings } from '../../src/settings.ts'

describe('prices', () => {
  it('have the decimals of their currency, and never fewer than they need', () => {
    const cases: [string, string | null, string][] = [
      ['24', 'RON', '24.00 RON'],
      ['79.9', 'RON', '79.90 RON'],
      ['79.900000', 'RON', '79.90 RON'],
      ['14990', 'CLP', '14990 CLP'],
      ['14990.00', 'CLP', '14990 CLP'],
      ['1.5', 'KWD', '1.500 KWD'],
      ['0.1234', 'EUR', '0.1234 EUR'],
      ['12345678901234567890.1', 'EUR', '12345678901234567890.10 EUR'],
      ['5', null, '5.00'],
      ['5', 'Lei', '5.00 Lei'],
      ['ask us', 'EUR', 'ask us EUR'],
    ]
    for (const [price, currency, text] of cases) assert.equal(priceText(price, currency), text)
  })
})

describe('languages', () => {
  it('that of the setting, else of the machine, else English', () => {
    assert.equal(languageOf({ LANG: 'ro_RO.UTF-8' }), 'ro')
    assert.equal(languageOf({ LANG: 'en_US.UTF-8', LC_ALL: 'es_CL' }), 'es')
    assert.equal(languageOf({ LANG: 'ro_RO', LC_MESSAGES: 'C.UTF-8' }), 'en')
    assert.equal(languageOf({ LANG: 'roa' }), 'en')
    assert.equal(languageOf({}), 'en')
    const settings = readSettings({ WOOSYNC_LANGUAGE: 'es' }, '/nowhere')
    assert.equal(wordsFor(settings, { LANG: 'ro_RO' }), es)
    assert.equal(wordsFor(readSettings({}, '/nowhere'), { LANG: 'ro_RO' }), ro)
  })

  it('every fault said in Romanian is said in Spanish, with the same facts', () => {
    assert.deepEqual(Object.keys(ro.faults), Object.keys(es.faults))
    for (const [code, words] of Object.entries(ro.faults)) {
      assert.ok(code in errorKinds, code)
      const facts = {
        host: 'shop.example',
        target: 'https://other.example',
        what: 'orders',
        status: 403,
        seconds: 60,
      }
      for (const said of [words, es.faults[code as keyof typeof es.faults]]) {
        assert.match(said?.sentence(facts) ?? '', /shop\.example/, code)
        assert.doesNotMatch(said?.sentence(facts) ?? '', /undefined/, code)
      }
    }
  })

  it('the products as the shop’s own people know them', () => {
    const product = {
      name: 'Vodka Kumaniok Original 38%',
      price: '24',
      currency: 'RON',
      inStock: true,
      stockStatus: 'instock' as const,
      stock: '45',
    }
    const answer = {
      host: 'redder.ro',
      name: 'Redder',
      woocommerce: null,
      signIn: 'basic',
      mayWrite: true,
      database: null,
      products: 150,
      first: [
        product,
        { ...product, name: 'Gin Bombay Sapphire', price: '79.9', stock: null },
        {
          ...product,
          name: 'Rom',
          price: null,
          inStock: false,
          stockStatus: 'outofstock' as const,
          stock: null,
        },
      ],
    }
    assert.deepEqual(productLines(answer, ro), [
      '✅ Sincronizat 150 produse',
      '',
      '3. Primele 3 produse:',
      '   1. ✅ Vodka Kumaniok Original 38% - 24.00 RON | Stoc: 45',
      '   2. ✅ Gin Bombay Sapphire - 79.90 RON | Stoc: în stoc',
      '   3. ❌ Rom - fără preț | Stoc: stoc epuizat',
    ])
    assert.equal(productLines(answer, es)[0], '✅ 150 productos sincronizados')
    assert.equal(productLines({ ...answer, products: 1, first: [product] }, en)[2], '3. The first product:')
    assert.equal(
      productLines({ ...answer, products: 0, first: [] }, en).at(-1),
      '3. The shop has no products yet.',
    )
  })
})
