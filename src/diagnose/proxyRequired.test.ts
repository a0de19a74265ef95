import { run } from '../../test/judged.ts'
import {
  again,
  cloudFlow,
  context,
  control,
  lookup,
  proxiedGet,
  tcp,
  throughTunnel,
  tls,
  toProxy,
  tunnel,
} from '../../test/observed.ts'

const flow = cloudFlow()
const crl = cloudFlow({ target: { name: 'crl.microsoft.com', port: 80, service: 'http' } })
const found = lookup('answer', { answers: ['20.190.128.1'], rcode: 0 })
const at = (outcome: Parameters<typeof tcp>[0], address = '20.190.128.1') => tcp(outcome, { address, port: 443 })
const byProxy = [
  control('proxy', toProxy('connected')),
  control('proxy', tunnel(200)),
  control('proxy', throughTunnel('established')),
]
const denied = lookup('name-error', { rcode: 3 })

run([
  {
    name: 'what fails straight and stands through the proxy needs the proxy, for certain',
    flow,
    seen: [found, at('timeout'), again(at('timeout')), ...byProxy],
    verdict: 'blocked',
    cause: 'proxy-required',
    confidence: 'certain',
    owner: 'proxy',
    says: /^443\/tcp on login\.microsoftonline\.com is reached through the proxy egress, and not straight from here$/,
    fix: /name connect01 under used-by of egress/,
    decidedBy: ['e2', 'e3', 'e5', 'e6'],
  },
  {
    name: 'the proxy of the environment has still to be written in the site file',
    flow,
    seen: [
      found,
      at('timeout'),
      again(at('timeout')),
      control('proxy', toProxy('connected', { proxy: '$HTTPS_PROXY' })),
      control('proxy', tunnel(200, undefined, { through: '$HTTPS_PROXY' })),
      control('proxy', throughTunnel('established', { through: '$HTTPS_PROXY' })),
    ],
    verdict: 'blocked',
    cause: 'proxy-required',
    says: /is reached through the proxy \$HTTPS_PROXY, and not straight from here$/,
    fix: /add what \$HTTPS_PROXY names to proxies: of the site file, with connect01 under its used-by/,
  },
  {
    name: 'what passes straight needs no proxy',
    flow,
    seen: [found, at('connected'), tls('established'), ...byProxy],
    verdict: 'open',
  },
  {
    name: 'what fails through the proxy too does not need it',
    flow,
    seen: [found, at('refused'), control('proxy', toProxy('connected')), control('proxy', tunnel(503))],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'a tunnel in which no TLS stands is no way',
    flow,
    seen: [
      found,
      at('refused'),
      control('proxy', toProxy('connected')),
      control('proxy', tunnel(200)),
      control('proxy', throughTunnel('reset')),
    ],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'one address of several that fails does not need the proxy',
    flow: cloudFlow({ target: { address: '20.190.128.1' } }),
    seen: [
      lookup('answer', { answers: ['20.190.128.1', '20.190.128.2'], rcode: 0 }),
      at('timeout'),
      control('address', at('connected', '20.190.128.2')),
      ...byProxy,
    ],
    verdict: 'degraded',
    cause: 'one-bad-node',
  },
  {
    name: 'a resolver that denies all of the outside leaves names to the proxy',
    flow,
    seen: [denied, ...byProxy],
    verdict: 'blocked',
    cause: 'proxy-required',
    confidence: 'certain',
  },
  {
    name: 'a resolver that denies this name and answers others outside is the cause itself',
    flow,
    seen: [
      denied,
      control(
        'resolver',
        lookup('answer', { answers: ['20.190.128.1'], resolver: '9.9.9.9:53', resolverRole: 'control' }),
      ),
      context(lookup('answer', { name: 'graph.microsoft.com', answers: ['20.190.128.9'], rcode: 0 })),
      ...byProxy,
    ],
    verdict: 'blocked',
    cause: 'resolver-filters',
  },
  {
    name: 'so may one that fails at all of the outside, where nobody outside is heard',
    flow,
    seen: [lookup('server-failure', { rcode: 2 }), ...byProxy],
    verdict: 'blocked',
    cause: 'proxy-required',
  },
  {
    name: 'a resolver that fails where one outside gives the name to this machine keeps nobody in',
    flow,
    seen: [
      lookup('server-failure', { rcode: 2 }),
      control(
        'resolver',
        lookup('answer', { answers: ['20.190.128.1'], resolver: '9.9.9.9:53', resolverRole: 'control' }),
      ),
      ...byProxy,
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a ClientHello that is lost straight and answered through the proxy likely needs the proxy',
    flow,
    seen: [found, at('connected'), tls('timeout'), ...byProxy],
    verdict: 'blocked',
    cause: 'proxy-required',
    confidence: 'likely',
    alternatives: ['sni-filter', 'pmtu-black-hole'],
  },
  {
    name: 'a name that is cut where another name passes is a filter of names',
    flow,
    seen: [
      found,
      at('connected'),
      tls('reset'),
      again(tls('reset')),
      control('server-name', tls('established', { serverName: 'graph.microsoft.com' })),
      ...byProxy,
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
  },
  {
    name: 'a server that answers with an alert is reached straight',
    flow,
    seen: [
      found,
      at('connected'),
      tls('alert', { alert: { number: 70, name: 'protocol_version' }, bytesIn: 7 }),
      ...byProxy,
    ],
    verdict: 'blocked',
    cause: 'tls-version',
  },
  {
    name: 'plain HTTP that passes through the proxy alone needs the proxy as well',
    flow: crl,
    seen: [
      tcp('timeout', { address: '20.190.128.1', port: 80 }),
      control('proxy', toProxy('connected')),
      control('proxy', proxiedGet(200, 'http://crl.microsoft.com/')),
    ],
    verdict: 'blocked',
    cause: 'proxy-required',
    confidence: 'certain',
  },
  {
    name: 'a page of the proxy itself is no way for plain HTTP',
    flow: crl,
    seen: [
      tcp('refused', { address: '20.190.128.1', port: 80 }),
      control('proxy', toProxy('connected')),
      control('proxy', proxiedGet(200, 'http://crl.microsoft.com/', { headers: { 'x-squid-error': 'ERR_X 0' } })),
    ],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'a machine without a port left does not need the proxy',
    flow,
    seen: [found, at('tool-limit'), ...byProxy],
    verdict: 'unknown',
    cause: 'tool-limit',
  },
])
