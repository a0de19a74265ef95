import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Host, Site } from '../model/site.ts'
import { vantageOf } from './vantageOf.ts'

const host = (name: string | undefined, ...addresses: string[]): Host => ({
  roles: ['domain-member'],
  addresses,
  ...(name !== undefined && { name }),
})
const site: Pick<Site, 'hosts' | 'networks'> = {
  hosts: {
    connect01: host(undefined, '10.1.0.10', '2001:db8::10'),
    dc01: host('dc01.corp.example', '10.1.0.5'),
    lab: host(undefined, '127.0.0.1'),
  },
  networks: { staff: { roles: ['user-client'], prefixes: ['10.2.0.0/16'] } },
}
const machine = (addresses: string[], names: string[] = []) => ({ addresses, names })

test('a machine is the host whose address it has, in either family', () => {
  assert.deepEqual(vantageOf(site, machine(['127.0.0.1', '10.1.0.10'])), {
    host: 'connect01',
    because: 'has the address 10.1.0.10',
  })
  assert.equal('host' in vantageOf(site, machine(['2001:db8::10'])), true)
})

test('else it is the host that has its name, in any case, by key or by DNS name', () => {
  assert.deepEqual(vantageOf(site, machine(['10.9.9.9'], ['DC01.corp.example'])), {
    host: 'dc01',
    because: 'has the name dc01.corp.example',
  })
  assert.equal('host' in vantageOf(site, machine(['10.9.9.9'], ['Connect01'])), true)
})

test('loopback counts last, since every machine has it', () => {
  assert.deepEqual(vantageOf(site, machine(['127.0.0.1'], ['other'])), {
    host: 'lab',
    because: 'has a loopback address',
  })
  const named = vantageOf(site, machine(['127.0.0.1'], ['dc01.corp.example']))
  assert.ok('host' in named && named.host === 'dc01')
})

test('--from may be any host or network, and nothing else', () => {
  assert.deepEqual(vantageOf(site, machine([]), 'staff'), { host: 'staff', because: 'given by --from' })
  for (const asked of ['nope', 'toString', '__proto__']) {
    const vantage = vantageOf(site, machine(['10.1.0.10']), asked)
    assert.ok('unknown' in vantage, asked)
    assert.deepEqual(vantage.hosts, ['connect01', 'dc01', 'lab', 'staff'])
  }
})

test('a machine that is no host of the site is told which there are', () => {
  const vantage = vantageOf(site, machine(['10.9.9.9'], ['stranger']))
  assert.ok('unknown' in vantage)
  assert.deepEqual(vantage.hosts, ['connect01', 'dc01', 'lab'])
})

test('hosts that match as well are told with the choice, and a loopback address is no match beside a better one', () => {
  assert.deepEqual(vantageOf(site, machine(['127.0.0.1', '10.1.0.5', '10.1.0.10'], ['DC01'])), {
    host: 'dc01',
    because: 'has the address 10.1.0.5',
    others: ['connect01'],
  })
  const allLocal = { hosts: { one: host(undefined, '127.0.0.1'), two: host(undefined, '127.0.0.1') }, networks: {} }
  assert.deepEqual(vantageOf(allLocal, machine(['127.0.0.1'])), {
    host: 'one',
    because: 'has a loopback address',
    others: ['two'],
  })
})
