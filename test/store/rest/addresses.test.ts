import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import {
  type AddressRules,
  canonicalHost,
  checkAddress,
  checkedLookup,
  isAllowed,
} from '../../../src/addresses.ts'
import { closeAll, json, openClient, startShop } from './scripted.ts'

after(closeAll)

const stranger: AddressRules = { trusted: false, allowPrivate: false, production: true }

const refused = [
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
  ['loopback in production', ['127.0.0.1', '127.255.255.254', '::1']],
  ['link-local', ['169.254.1.1', 'fe80::1']],
  ['a cloud’s metadata', ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200']],
  ['unique local', ['fc00::1', 'fd12:3456::1']],
  ['behind a carrier’s translation', ['100.64.0.1', '100.127.255.255']],
  ['multicast', ['224.0.0.1', 'ff02::1']],
  ['nowhere', ['0.0.0.0', '0.1.2.3', '::', '255.255.255.255']],
  ['reserved', ['192.0.2.1', '198.18.0.1', '203.0.113.9', '240.0.0.1', '2001:db8::1']],
  [
    'IPv4 inside IPv6',
    ['::ffff:10.0.0.1', '::ffff:127.0.0.1', '::7f00:1', '64:ff9b::10.0.0.1', '2002:7f00:1::'],
  ],
] as const

describe('addresses (row 36)', () => {
  for (const [name, addresses] of refused) {
    it(`refuses ${name}, and allows it for the operator’s own`, async () => {
      for (const address of addresses) {
        assert.equal(isAllowed(address, stranger), false, address)
        await assert.rejects(checkAddress(address, stranger), { code: 'store_address_refused' }, address)
        assert.equal(isAllowed(address, { ...stranger, trusted: true }), true, address)
      }
    })
  }

  it('allows what is public', () => {
    for (const address of ['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.63.0.1', '2606:2800:220:1::1'])
      assert.equal(isAllowed(address, stranger), true, address)
    assert.equal(isAllowed('64:ff9b::8.8.8.8', stranger), true, 'IPv4 through NAT64')
  })

  it('allows loopback outside production, and private ones by ALLOW_PRIVATE_ADDRESSES, never metadata', () => {
    const here = { ...stranger, production: false }
    assert.equal(isAllowed('127.0.0.1', here), true)
    assert.equal(isAllowed('::ffff:127.0.0.1', here), true)
    assert.equal(isAllowed('10.0.0.1', here), false)
    const inside = { ...stranger, allowPrivate: true }
    for (const address of ['10.0.0.1', '127.0.0.1', 'fd12::1', '100.64.0.1'])
      assert.equal(isAllowed(address, inside), true, address)
    for (const address of [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      'fd00:ec2::254',
      '0.0.0.0',
      'ff02::1',
    ])
      assert.equal(isAllowed(address, inside), false, address)
  })

  it('knows IPv4 in every spelling', async () => {
    for (const spelling of ['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0x7f.1', '[::ffff:7f00:1]']) {
      await assert.rejects(checkAddress(spelling, stranger), { code: 'store_address_refused' }, spelling)
    }
    assert.equal(canonicalHost('0xA9FEA9FE'), '169.254.169.254')
    assert.equal(canonicalHost('Shop.Example.TEST.'), 'shop.example.test')
  })

  it('resolves a name first and refuses it for any address inside', async () => {
    const names: Record<string, string[]> = {
      'good.test': ['93.184.216.34', '2606:2800:220:1::1'],
      'mixed.test': ['93.184.216.34', '10.0.0.5'],
      'nowhere.test': [],
    }
    const resolve: AddressRules['resolve'] = async (host) =>
      (names[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const rules = { ...stranger, resolve }
    assert.deepEqual(await checkAddress('good.test', rules), { address: '93.184.216.34', family: 4 })
    await assert.rejects(checkAddress('mixed.test', rules), { code: 'store_address_refused' })
    await assert.rejects(checkAddress('nowhere.test', rules), { code: 'store_host_unknown' })
    const both = await new Promise((done) =>
      checkedLookup(rules)('good.test', { all: true }, (...said) => done(said)),
    )
    assert.equal((both as [null, LookupAddress[]])[1].length, 2)
    const six = await new Promise((done) =>
      checkedLookup(rules)('good.test', { family: 6 }, (...said) => done(said)),
    )
    assert.deepEqual(six, [null, '2606:2800:220:1::1', 6])
  })

  it('finds this machine by its name service', async () => {
    const { address } = await checkAddress('localhost', { ...stranger, production: false })
    assert.ok(address === '127.0.0.1' || address === '::1')
    await assert.rejects(checkAddress('no-such-name.invalid', stranger), { code: 'store_host_unknown' })
  })
})

describe('the client behind the guard (row 36)', () => {
  it('connects to no private address, literal or by name, and sends nothing', async () => {
    const reached: string[] = []
    const trap = createServer((socket) => reached.push(socket.remoteAddress ?? ''))
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const resolve = async () => [{ address: '10.255.255.1', family: 4 as const }]
    for (const url of [
      'https://10.255.255.1',
      'https://[fd00::1]',
      'https://rebind.test',
      'https://0x0a000001',
    ]) {
      const { client, fault, pauses } = openClient(url, { resolve })
      assert.equal((await fault(client.get('orders'))).code, 'store_address_refused', url)
      assert.deepEqual(pauses, [], 'not tried again')
    }
    assert.deepEqual(reached, [])
    await new Promise((done) => trap.close(done))
  })

  it('connects to the address that was checked and asks the name service once', async () => {
    const shop = await startShop((_, response) => json(response, []))
    let asked = 0
    const resolve = async () => {
      asked += 1
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 as const }]
    }
    const { client } = openClient(`http://shop.test:${shop.port}`, { resolve, allowPlainHttp: true })
    await client.get('orders')
    assert.equal(asked, 1)
    assert.equal(shop.seen[0]?.headers.host, `shop.test:${shop.port}`)
  })

  it('refuses loopback in production unless the operator named it', async () => {
    const shop = await startShop((_, response) => json(response, []))
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    try {
      const { client, fault } = openClient(shop.url)
      assert.equal((await fault(client.get('orders'))).code, 'store_address_refused')
      const own = openClient(shop.url, { trustedAddress: true })
      assert.deepEqual((await own.client.get('orders')).data, [])
    } finally {
      if (before === undefined) delete process.env.NODE_ENV
      else process.env.NODE_ENV = before
    }
  })

  it('says when a name leads nowhere', async () => {
    const resolve = async () => []
    const { client, fault } = openClient('https://nowhere.test', { resolve })
    assert.equal((await fault(client.get('orders'))).code, 'store_host_unknown')
  })
})
