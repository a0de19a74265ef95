import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostPort, unbracketed } from './hostPort.ts'

test('an address of IPv6 stands in brackets before a port', () => {
  assert.equal(hostPort('10.1.0.5', 636), '10.1.0.5:636')
  assert.equal(hostPort('2001:db8::5', 636), '[2001:db8::5]:636')
})

test('without a port a host stands as it would before one', () => {
  assert.equal(hostPort('dc01.corp.example', null), 'dc01.corp.example')
  assert.equal(hostPort('2001:db8::5', null), '[2001:db8::5]')
})

test('the brackets of a URL are no part of its host', () => {
  assert.equal(unbracketed(new URL('http://[2001:db8::5]:8080/').hostname), '2001:db8::5')
  assert.equal(unbracketed(new URL('http://dc01.corp.example/').hostname), 'dc01.corp.example')
})
