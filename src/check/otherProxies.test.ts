import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentProxy } from '../wire/environmentProxy.ts'
import { otherProxies } from './otherProxies.ts'

const setting = environmentProxy({
  HTTPS_PROXY: 'http://one:3128',
  http_proxy: 'http://two:8080',
  NO_PROXY: '.corp.example,login.microsoftonline.com:443',
})
const proxies = {
  egress: { host: 'proxy', port: 3128 },
  HTTPS_PROXY: { host: 'one', port: 3128, ...(setting && { setting }) },
  HTTP_PROXY: { host: 'two', port: 8080, ...(setting && { setting }) },
}

for (const { what, target, found } of [
  { what: 'https', target: { name: 'a.example', service: 'https', port: 443 }, found: ['egress', 'HTTPS_PROXY'] },
  { what: 'amqps', target: { name: 'a.example', service: 'amqps', port: 5671 }, found: ['egress', 'HTTPS_PROXY'] },
  { what: 'plain HTTP', target: { name: 'a.example', service: 'http', port: 80 }, found: ['egress', 'HTTP_PROXY'] },
  {
    what: 'a name that goes past it',
    target: { name: 'sts.corp.example', service: 'https', port: 443 },
    found: ['egress'],
  },
  {
    what: 'a name and port that go past it',
    target: { name: 'login.microsoftonline.com', service: 'https', port: 9443, plannedPort: 443 },
    found: ['egress'],
  },
  {
    what: 'the same name on another port',
    target: { name: 'login.microsoftonline.com', service: 'https', port: 8443 },
    found: ['egress', 'HTTPS_PROXY'],
  },
] as const) {
  test(`${what} is compared with ${found.join(' and ')}`, () => {
    assert.deepEqual(otherProxies(target, proxies), found)
  })
}

test('an environment that sends everything straight has no proxy to compare with', () => {
  const none = environmentProxy({ HTTPS_PROXY: 'http://one:3128', NO_PROXY: '*' })
  const only = { HTTPS_PROXY: { host: 'one', port: 3128, ...(none && { setting: none }) } }
  assert.deepEqual(otherProxies({ name: 'a.example', service: 'https', port: 443 }, only), [])
})
