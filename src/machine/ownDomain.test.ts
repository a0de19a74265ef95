import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../../test/fakeMachine.ts'
import { fakeMachine } from '../../test/fakeMachine.ts'
import { ownDomain } from './ownDomain.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 60_000 }
const ask = (facts: Facts) => ownDomain(fakeMachine(facts), limits)

const asked = 'reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v Domain'
const registry = (value: string): Readonly<Record<string, string>> => ({
  [asked]: `\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\r\n    Domain    REG_SZ    ${value}\r\n\r\n`,
})
const windows = { platform: 'win32', hostName: 'CONNECT01' }
const nothing = { '/etc/resolv.conf': '' }

test('a service of Windows, which has no person’s environment, finds the domain in the registry', async () => {
  assert.deepEqual(await ask({ means: windows, printed: registry('Corp.Example'), files: nothing }), {
    domain: 'corp.example',
    from: 'the registry of Windows',
  })
  const environment = { USERDNSDOMAIN: 'USERS.EXAMPLE' }
  const signedIn = await ask({ means: { ...windows, environment }, printed: registry('corp.example') })
  assert.deepEqual(signedIn, { domain: 'users.example', from: 'USERDNSDOMAIN' })
})

test('a machine in no domain has none, and elsewhere no registry is asked', async () => {
  assert.equal(await ask({ means: windows, printed: registry(''), files: nothing }), undefined)
  assert.equal(await ask({ means: windows, files: nothing }), undefined)
  const elsewhere = await ask({ means: { hostName: 'host' }, printed: registry('corp.example'), files: nothing })
  assert.equal(elsewhere, undefined)
})
