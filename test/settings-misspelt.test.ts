/** A name that is nearly one of a setting is refused with the one that is meant, from the environment and from .env. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readSettings } from '../src/settings.ts'

const url = 'https://shop.example'

const near: Record<string, string> = {
  WOOCOMERCE_URL: 'WOOCOMMERCE_URL',
  WOCOMMERCE_URL: 'WOOCOMMERCE_URL',
  WOOCOMMERCE_URI: 'WOOCOMMERCE_URL',
  woocommerce_url: 'WOOCOMMERCE_URL',
  WOOCOMMERCE_SECERT: 'WOOCOMMERCE_SECRET',
  WOSYNC_DATA: 'WOOSYNC_DATA',
  WC_CONSUMER_KEYS: 'WC_CONSUMER_KEY',
}

describe('misspelt names', () => {
  for (const [given, meant] of Object.entries(near)) {
    it(`${given}: ${meant} is meant`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'woosync-settings-'))
      t.after(() => rm(folder, { recursive: true, force: true }))
      await writeFile(join(folder, '.env'), `${given}=${url}\n`)
      const problem = `there is none of this name; ${meant} is probably meant`
      const refusal = { code: 'setting_invalid', data: { setting: given, problem } }
      assert.throws(() => readSettings({ [given]: url }, '/nowhere'), refusal)
      assert.throws(() => readSettings({}, folder), refusal)
    })
  }

  it('beside the right name, or of another program, they do no harm', () => {
    const shop = {
      WOOCOMMERCE_URL: url,
      WOOCOMMERCE_KEY: 'ck_0123456789',
      WOOCOMMERCE_SECRET: 'cs_9876543210',
    }
    const other = { WOOCOMERCE_URL: 'x', WOO: '1', WOOSYNC_TEST_DATA: '/tmp', WC_ABC: '2', WORKDIR: '/' }
    assert.equal(readSettings({ ...shop, ...other }, '/nowhere').WOOCOMMERCE_URL, url)
    readSettings({ PATHS: '1', HOSTS: '2', WOOSYNC_RECORDINGS: '/tmp', WOOSYNC_COUNTS: '1' }, '/nowhere')
  })
})
