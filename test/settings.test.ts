/** Settings: what is wrong or missing is said in one sentence that names it; documents follow the tables. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { documents } from '../scripts/docs.ts'
import { WooSyncError } from '../src/errors.ts'
import { readSettings, type Settings, settingDocs } from '../src/settings.ts'

const KEYS = { WOOCOMMERCE_KEY: 'ck_0123456789', WOOCOMMERCE_SECRET: 'cs_9876543210' }
const SHOP = { WOOCOMMERCE_URL: 'https://shop.example', ...KEYS }
const names = settingDocs.map(({ name }) => name)

/** An empty folder, or one with a `.env`. */
async function folderWith(t: TestContext, text?: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'woosync-settings-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  if (text !== undefined) await writeFile(join(folder, '.env'), text)
  return folder
}

function faultOf(environment: Record<string, string>, folder = '/nowhere'): WooSyncError {
  try {
    readSettings(environment, folder)
  } catch (thrown) {
    assert.ok(thrown instanceof WooSyncError, String(thrown))
    return thrown
  }
  throw new assert.AssertionError({ message: `accepted: ${JSON.stringify(environment)}` })
}

/** One sentence that begins with the setting's name, and never shows what was given. */
function assertNames(fault: WooSyncError, name: string, given?: string): void {
  assert.match(fault.code, /^setting_(invalid|missing)$/)
  assert.match(fault.message, new RegExp(`^The setting ${name.replaceAll('.', '\\.')} is .+\\.$`))
  assert.doesNotMatch(fault.message, /\n/)
  if (given && given.length > 12) assert.ok(!fault.message.includes(given), fault.message)
}

describe('wrong settings', () => {
  const wrong: Record<string, string[]> = {
    WOOCOMMERCE_URL: [
      'redder.ro',
      'ftp://redder.ro',
      'https://',
      'https:shop',
      'https://a:b@shop.example',
      'https://shop.example/?p=1',
      'not an address',
    ],
    WOOCOMMERCE_KEY: ['cs_9876543210', 'ck_', 'ck_ a b', 'abc', 'ck_ă123'],
    WOOCOMMERCE_SECRET: ['ck_0123456789', 'cs_', 'password'],
    WOOCOMMERCE_CA_FILE: ['/no/such/file.pem', '/', '/dev/null'],
    WOOCOMMERCE_KEYS_IN_URL: ['maybe', '2', 'truee'],
    PACE: ['fast', 'full gentle'],
    ALLOW_PRIVATE_ADDRESSES: ['si'],
    ALLOW_PLAIN_HTTP: ['-1'],
    STORE_TIMEOUT_SECONDS: ['0', '601', '-5', '1e3', 'ten', '1,5', 'NaN', 'Infinity'],
    STORE_CONNECTIONS: ['0', '17', '2.5'],
    SSH_HOST: ['ssh://host', 'host:22', 'a b', 'user@host'],
    SSH_PORT: ['0', '65536', 'ssh'],
    SSH_USER: ['a\nb', 'a\0b'],
    SSH_PASSWORD: ['two\nlines of a password'],
    SSH_KEY_FILE: ['a\0b'],
    SSH_KEY_PASSPHRASE: ['two\r\nlines of a passphrase'],
    SSH_HOST_FINGERPRINT: [
      'MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff',
      'SHA256:short',
      'ssh-ed25519 AAAA',
    ],
    MYSQL_HOST: ['mysql://host', 'host:3306', '/run/mysqld.sock'],
    MYSQL_PORT: ['0', '65536'],
    MYSQL_USER: ['a\nb'],
    MYSQL_PASSWORD: ['two\nlines of a password'],
    MYSQL_DATABASE: ['a\0b'],
    MYSQL_PREFIX: ['wp-', 'wp `', 'ș_', 'a'.repeat(41)],
    MYSQL_TLS: ['maybe'],
    MYSQL_CA_FILE: ['a\0b'],
    MYSQL_TIMEOUT_SECONDS: ['0', '601', 'ten'],
    QUESTION_TIME_LIMIT_SECONDS: ['0', '3601', 'none'],
    DATABASE_URL: ['mysql://host/db', 'host', 'postgres://', 'postgres://host:notaport/db'],
    DATABASE_READ_URL: ['replica'],
    DATABASE_DIRECT_URL: ['http://host'],
    WOOSYNC_DATA: ['a\0b'],
    WOOSYNC_POSTGRES_BIN: ['a\0b'],
    HOST: ['a b', 'http://127.0.0.1', '1/2'],
    PORT: ['65536', '-1', '80.5', 'http'],
    PUBLIC_URL: ['sync.example', 'https://sync.example/#x'],
    METRICS_KEY: ['short', 'has a space in the middle'],
    WOOSYNC_API_KEY: ['woo_short', 'woo_with a space in the middle'],
    RATE_LIMIT_PER_MINUTE: ['-1', 'many', '1.5'],
    CORS_ORIGINS: [
      '*',
      'app.example',
      'https://app.example/',
      'https://app.example,,http://b.example',
      'null',
    ],
    LOG_LEVEL: ['verbose', 'trace'],
    WOOSYNC_LANGUAGE: ['fr', 'romanian'],
    DEMO_PORT: ['70000'],
    FOLLOW_SECONDS: ['0', '86401'],
    FOLLOW_SELDOM_SECONDS: ['0.5'],
    RECONCILE_SECONDS: ['x'],
    RECONCILE_SELDOM_SECONDS: ['-1'],
    LIST_SECONDS: ['59'],
    SCRUB_DAYS: ['0', '366'],
    SETTLING_SECONDS: ['3601'],
    CHANGES_KEPT_DAYS: ['0'],
  }

  it('each setting refuses what it cannot use, in one sentence that names it', () => {
    assert.deepEqual(Object.keys(wrong).sort(), [...names].sort())
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        assertNames(
          faultOf({ ...(/^WOOCOMMERCE_(URL|KEY|SECRET)$/.test(name) && SHOP), [name]: value }),
          name,
          value,
        )
      }
    }
  })

  it('any text at all is taken, or refused so', () => {
    const runs = process.env.CI === 'true' ? 5000 : 500
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.webUrl(), fc.nat().map(String))
    fc.assert(
      fc.property(fc.constantFrom(...names), text, (name, value) => {
        try {
          const settings = readSettings({ [name]: value }, '/nowhere')
          if (value.trim() === '') assert.deepEqual(settings, readSettings({}, '/nowhere'))
        } catch (thrown) {
          assert.ok(thrown instanceof WooSyncError, String(thrown))
          assert.match(thrown.message, /^The setting [A-Z_]+ is [^\n]+\.$/)
          const about = String(thrown.data.setting)
          assert.ok(about === name || thrown.code === 'setting_missing', thrown.message)
        }
      }),
      { numRuns: runs },
    )
  })

  it('what must be there together', () => {
    const { WOOCOMMERCE_URL, WOOCOMMERCE_KEY, WOOCOMMERCE_SECRET } = SHOP
    assertNames(faultOf({ WOOCOMMERCE_URL }), 'WOOCOMMERCE_KEY')
    assertNames(faultOf({ WOOCOMMERCE_URL, WOOCOMMERCE_KEY }), 'WOOCOMMERCE_SECRET')
    assertNames(faultOf({ WOOCOMMERCE_URL, WOOCOMMERCE_SECRET }), 'WOOCOMMERCE_KEY')
    assertNames(faultOf({ WOOCOMMERCE_KEY }), 'WOOCOMMERCE_URL')
    assertNames(faultOf({ WOOCOMMERCE_SECRET }), 'WOOCOMMERCE_URL')
    assertNames(faultOf({ DATABASE_READ_URL: 'postgres://replica/db' }), 'DATABASE_URL')
    assertNames(faultOf({ DATABASE_DIRECT_URL: 'postgres://server/db' }), 'DATABASE_URL')
    assertNames(faultOf({ PORT: '3080' }), 'DEMO_PORT')
    const SQL = { MYSQL_HOST: 'db.example', MYSQL_USER: 'reader', MYSQL_DATABASE: 'shop' }
    const SSH = { ...SQL, SSH_HOST: 'shop.example', SSH_USER: 'u123' }
    assertNames(faultOf({ MYSQL_HOST: 'db.example' }), 'MYSQL_USER')
    assertNames(faultOf({ MYSQL_HOST: 'db.example', MYSQL_USER: 'reader' }), 'MYSQL_DATABASE')
    assertNames(faultOf({ MYSQL_USER: 'reader', MYSQL_DATABASE: 'shop' }), 'MYSQL_HOST')
    assertNames(faultOf({ MYSQL_PASSWORD: 'only a password' }), 'MYSQL_HOST')
    assertNames(faultOf({ ...SQL, SSH_HOST: 'shop.example' }), 'SSH_USER')
    assertNames(faultOf({ ...SQL, SSH_USER: 'u123' }), 'SSH_HOST')
    assertNames(faultOf({ ...SQL, SSH_KEY_FILE: 'key' }), 'SSH_HOST')
    assertNames(faultOf({ ...SSH, SSH_KEY_PASSPHRASE: 'open sesame' }), 'SSH_KEY_FILE')
    assertNames(faultOf({ SSH_HOST: 'shop.example', SSH_USER: 'u123' }), 'MYSQL_USER')
    assertNames(faultOf({ ...SQL, MYSQL_CA_FILE: '/no/such/file.pem' }), 'MYSQL_CA_FILE')
    assertNames(faultOf({ ...SQL, MYSQL_CA_FILE: '/dev/null' }), 'MYSQL_CA_FILE')
    assertNames(faultOf({ ...SQL, MYSQL_CA_FILE: '/dev/null', MYSQL_TLS: 'false' }), 'MYSQL_TLS')
    const { MYSQL_HOST: _, ...withoutHost } = SSH
    assert.equal(readSettings(withoutHost, '/nowhere').SSH_PORT, 22)
    assert.equal(readSettings(SQL, '/nowhere').MYSQL_PORT, 3306)
    assert.equal(readSettings({ ...SHOP, PORT: '3080' }, '/nowhere').PORT, 3080)
    assert.equal(readSettings({ PORT: '0', DEMO_PORT: '0' }, '/nowhere').DEMO_PORT, 0)
  })
})

describe('what is taken', () => {
  it('nothing at all: a demo shop on the usual ports', () => {
    const settings = readSettings({}, '/nowhere')
    assert.equal(settings.WOOCOMMERCE_URL, undefined)
    assert.equal(settings.PORT, 3000)
    assert.equal(settings.HOST, '127.0.0.1')
    assert.equal(settings.WOOSYNC_DATA, '/nowhere/data')
  })

  it('the older names, where the newer ones are not set', () => {
    const old = { WC_URL: 'https://old.example', WC_CONSUMER_KEY: 'ck_old1', WC_CONSUMER_SECRET: 'cs_old1' }
    const settings = readSettings(old, '/nowhere')
    assert.equal(settings.WOOCOMMERCE_URL, 'https://old.example')
    assert.equal(settings.WOOCOMMERCE_KEY, 'ck_old1')
    assert.equal(settings.WOOCOMMERCE_SECRET, 'cs_old1')
    assert.equal(readSettings({ ...old, ...SHOP }, '/nowhere').WOOCOMMERCE_KEY, KEYS.WOOCOMMERCE_KEY)
    // Empty counts as not set, for both names.
    assert.equal(readSettings({ ...old, WOOCOMMERCE_KEY: ' ' }, '/nowhere').WOOCOMMERCE_KEY, 'ck_old1')
    assertNames(faultOf({ ...old, WC_CONSUMER_KEY: 'cs_mixed_up' }), 'WOOCOMMERCE_KEY')
  })

  it('the environment before .env, under whichever name; empty leaves .env its say', async (t) => {
    const folder = await folderWith(
      t,
      'WOOCOMMERCE_URL=https://file.example\nWC_CONSUMER_KEY=ck_file\nWOOCOMMERCE_SECRET=cs_file\nPORT=4000\nPACE=gentle\n',
    )
    assert.equal(readSettings({}, folder).WOOCOMMERCE_URL, 'https://file.example')
    const settings = readSettings({ WC_URL: 'https://env.example', PORT: '5000', PACE: '' }, folder)
    assert.equal(settings.WOOCOMMERCE_URL, 'https://env.example')
    assert.equal(settings.WOOCOMMERCE_KEY, 'ck_file')
    assert.equal(settings.PORT, 5000)
    assert.equal(settings.PACE, 'gentle')
  })

  it('.env with quotes, comments, Windows line ends and a byte-order mark', async (t) => {
    const text = [
      '\ufeffWOOCOMMERCE_URL="https://shop.example/"   # the shop',
      '# a comment',
      "WOOCOMMERCE_KEY='ck_quoted'",
      'export WOOCOMMERCE_SECRET = cs_plain # made in May',
      '',
      'METRICS_KEY="with#and=inside12"',
      'PORT=',
    ].join('\r\n')
    const expected: Partial<Settings> = {
      WOOCOMMERCE_URL: 'https://shop.example',
      WOOCOMMERCE_KEY: 'ck_quoted',
      WOOCOMMERCE_SECRET: 'cs_plain',
      METRICS_KEY: 'with#and=inside12',
      PORT: 3000,
    }
    for (const bytes of [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')]) {
      const settings = readSettings({}, await folderWith(t, bytes))
      for (const [name, value] of Object.entries(expected)) {
        assert.equal(settings[name as keyof Settings], value, name)
      }
    }
  })

  it('a .env that cannot be read is said', async (t) => {
    const folder = await folderWith(t)
    await rm(folder, { recursive: true })
    await writeFile(folder, 'a file where the folder should be')
    assert.equal(readSettings({}, folder).PORT, 3000)
    const inside = await folderWith(t, '')
    await rm(join(inside, '.env'))
    await mkdir(join(inside, '.env'))
    assertNames(faultOf({}, inside), '.env')
  })

  it('quotation marks that Docker hands on', () => {
    assert.equal(readSettings({ PORT: '"4000"', HOST: "'0.0.0.0'" }, '/nowhere').PORT, 4000)
  })

  it('paths: relative to the folder, absolute, in the home', () => {
    assert.equal(readSettings({ WOOSYNC_DATA: 'mirror' }, '/nowhere').WOOSYNC_DATA, '/nowhere/mirror')
    assert.equal(readSettings({ WOOSYNC_DATA: '/srv/mirror' }, '/nowhere').WOOSYNC_DATA, '/srv/mirror')
    assert.equal(
      readSettings({ WOOSYNC_DATA: '~/mirror' }, '/nowhere').WOOSYNC_DATA,
      join(homedir(), 'mirror'),
    )
    const bin = readSettings({ WOOSYNC_POSTGRES_BIN: '../bin' }, '/nowhere/here').WOOSYNC_POSTGRES_BIN
    assert.equal(bin, '/nowhere/bin')
  })

  it('a shop’s address as people copy it', () => {
    const home = (address: string) =>
      readSettings({ ...SHOP, WOOCOMMERCE_URL: address }, '/nowhere').WOOCOMMERCE_URL
    assert.equal(home('https://shop.example/'), 'https://shop.example')
    assert.equal(home(' HTTPS://Shop.Example:443// '), 'https://shop.example')
    assert.equal(home('https://shop.example/store/wp-json/wc/v3/'), 'https://shop.example/store')
    assert.equal(home('https://shop.example/wp-admin/admin.php'), 'https://shop.example')
    assert.equal(home('https://băuturi.example'), 'https://xn--buturi-i0a.example')
  })

  it('true and false in the usual spellings', () => {
    for (const yes of ['true', 'TRUE', '1', 'yes', 'On']) {
      assert.equal(readSettings({ ALLOW_PLAIN_HTTP: yes }, '/nowhere').ALLOW_PLAIN_HTTP, true)
    }
    for (const no of ['false', '0', 'No', 'off']) {
      assert.equal(readSettings({ ALLOW_PLAIN_HTTP: no }, '/nowhere').ALLOW_PLAIN_HTTP, false)
    }
  })
})

describe('documents', () => {
  for (const [path, text] of Object.entries(documents())) {
    it(`${path} says what the tables say (else: node scripts/docs.ts)`, async () => {
      assert.equal(await readFile(new URL(`../${path}`, import.meta.url), 'utf8'), text)
    })
  }

  it('.env.example, copied as it is, changes nothing', async (t) => {
    const text = documents()['.env.example'] as string
    const folder = await folderWith(t, text)
    const plain = await folderWith(t)
    const { WOOSYNC_DATA: one, ...copied } = readSettings({}, folder)
    const { WOOSYNC_DATA: other, ...none } = readSettings({}, plain)
    assert.deepEqual(copied, none)
    assert.equal(one, join(folder, 'data'))
    assert.equal(other, join(plain, 'data'))
    // And with every line switched on, each setting stands at its default.
    const allOn = await folderWith(t, text.replaceAll(/^# (?=[A-Z_]+=)/gm, ''))
    const { WOOSYNC_DATA: _, ...all } = readSettings({}, allOn)
    assert.deepEqual(all, none)
  })

  it('every setting has a meaning and says what it takes', () => {
    for (const { name, meaning, takes } of settingDocs) {
      assert.match(meaning, /^[A-Z][^|]+[.…]$/, name)
      assert.notEqual(takes, '', name)
    }
  })
})
