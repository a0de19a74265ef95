import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPktmonPacket } from './pktmonPacket.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))

const syn = '45000028 0001 4000 80060000 0a000005 c0000201 c350027c 00000064 00000000 5002faf0 00000000'
const syn6 =
  '60000000 0014 06 80 20010db8000000000000000000000005 20010db8000000000000000000000001 c350027c 00000064 00000000 5002faf0 00000000'
const ethernet = '00155d000001 00155d000002'
const addresses = '00155d000001 00155d000002 00155d000003'
const snap = 'aaaa03000000'

const read = (text: string, more = 0, linkType = 1) => {
  const octets = hex(text)
  return readPktmonPacket({
    number: 1,
    linkType,
    interfaceId: 0,
    time: undefined,
    octets,
    wireLength: octets.length + more,
  })
}

for (const [what, text] of [
  ['Ethernet', `${ethernet} 0800 ${syn}`],
  ['Ethernet with a VLAN tag', `${ethernet} 8100 0005 0800 ${syn}`],
  ['bare IPv4', syn],
  ['bare IPv6', syn6],
  ['a data frame', `0801 0000 ${addresses} 0000 ${snap} 0800 ${syn}`],
  ['a data frame with quality of service', `8801 0000 ${addresses} 0000 0000 ${snap} 0800 ${syn}`],
  ['a data frame that carries IPv6', `0801 0000 ${addresses} 0000 ${snap} 86dd ${syn6}`],
] as const) {
  test(`a packet is read out of ${what}, though all is called Ethernet`, () => {
    const packet = read(text)
    assert.ok(packet.kind === 'tcp' && packet.syn && packet.destinationPort === 636, JSON.stringify(packet))
  })
}

test('a packet that was cut is read as long as its headers are there', () => {
  const packet = read(`45000568 ${syn.slice(9)}`, 0x568 - 40)
  assert.ok(packet.kind === 'tcp' && packet.payloadOctets === 0x568 - 40)
})

test('what only begins like a packet of IP, or like a frame, is none', () => {
  assert.equal(read(syn, 1).kind, 'not-ip')
  assert.equal(read(`0801 0000 ${addresses} 0000 aaaa03000001 0800 ${syn}`).kind, 'not-ip')
  assert.equal(read(`8001 0000 ${addresses} 0000 ${snap} 0800 ${syn}`).kind, 'not-ip')
  assert.equal(read(`0801 0000 ${addresses} 0000 ${snap} 0806 ${syn}`).kind, 'not-ip')
  assert.equal(read(syn, 0, 105).kind, 'not-ip')
})

test('any octets give a packet', () => {
  const octets = fc.uint8Array({ maxLength: 120 })
  const framed = octets.map((rest) => Uint8Array.from([...hex(`0801 0000 ${addresses} 0000 ${snap} 0800`), ...rest]))
  fc.assert(
    fc.property(fc.oneof(octets, framed), fc.nat(2000), (given, wireLength) => {
      assert.ok(
        readPktmonPacket({ number: 1, linkType: 1, interfaceId: 0, time: undefined, octets: given, wireLength }),
      )
    }),
  )
})
