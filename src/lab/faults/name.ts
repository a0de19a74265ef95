import { ask, read, shake, silenceMs } from '../control.ts'
import { fault } from '../fault.ts'
import type { Network } from '../network.ts'
import { blockPageAnswers } from '../servers/blockPage.ts'
import { consoleAnswers } from '../servers/console.ts'
import { openTlsFront } from '../servers/tlsFront.ts'
import { dnsName } from '../site.ts'

const overridden = 'enterpriseregistration.windows.net'
const elsewhere = '127.0.0.2'
const denied = 'graph.microsoft.com'
const filtered = 'management.azure.com'
const long = 'login.microsoftonline.com'
const served = { flow: 'lab-dns', transport: 'udp' } as const

const insideAndOutside = async (network: Network, name: string): Promise<string> =>
  `${await ask(network, network.internal, name)} inside, ${await ask(network, network.control, name)} outside`

export const nameFaults = [
  fault({
    id: 'split-brain',
    title: 'internal zone overrides a public name',
    breaks: 'A forgotten internal record sends one of Microsoft’s names to a console of the company.',
    expect: {
      flow: 'pnc-https',
      target: overridden,
      verdict: 'wrong',
      cause: 'split-brain-override',
      confidence: 'certain',
      owner: 'dns',
    },
    consequences: [],
    needs: 'linux-loopback',
    async inject({ internal, cloud, pki }) {
      const console = await openTlsFront({
        pki,
        address: elsewhere,
        port: cloud.door.port,
        name: 'console',
        usual: { does: 'serve', certificate: 'console' },
        answers: consoleAnswers,
      })
      const forget = internal.conduct(overridden, { does: 'answer', addresses: [elsewhere] })
      return async () => {
        forget()
        await console.close()
      }
    },
    shows: `${elsewhere} inside, 127.0.0.1 outside, issued by FGT60F-CONSOLE`,
    control: async (network) => {
      const { internal, control, cloud } = network
      const inside = await ask(network, internal, overridden)
      const outside = await ask(network, control, overridden)
      const met = await shake(network, { address: inside, port: cloud.door.port }, overridden)
      return `${inside} inside, ${outside} outside, ${met}`
    },
  }),
  fault({
    id: 'nxdomain',
    title: 'name does not exist',
    breaks: 'Nobody knows one of the names any more: the site’s resolver and the one outside both deny it.',
    expect: {
      flow: 'app-graph',
      target: denied,
      verdict: 'blocked',
      cause: 'name-missing',
      confidence: 'certain',
      owner: 'dns',
    },
    consequences: [],
    inject({ internal, control }) {
      const undo = [internal, control].map((resolver) => resolver.conduct(denied, { does: 'deny' }))
      return () => {
        for (const one of undo) one()
      }
    },
    shows: 'no such name inside, no such name outside',
    control: (network) => insideAndOutside(network, denied),
  }),
  fault({
    id: 'resolver-filters',
    title: 'resolver filters a name',
    breaks: 'The site’s resolver denies one name by a block list; the rest of the world has it.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'resolver-filters',
      confidence: 'likely',
      owner: 'dns',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'deny' }),
    shows: 'no such name inside, 127.0.0.1 outside',
    control: (network) => insideAndOutside(network, filtered),
  }),
  fault({
    id: 'resolver-refuses',
    title: 'resolver refuses a name',
    breaks: 'The site’s resolver answers REFUSED for one name, by its policy; the rest of the world has it.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'resolver-filters',
      confidence: 'likely',
      owner: 'dns',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'fail', rcode: 'refused' }),
    shows: 'denied inside, 127.0.0.1 outside',
    control: (network) => insideAndOutside(network, filtered),
  }),
  fault({
    id: 'resolver-fails',
    title: 'resolver fails at a name',
    breaks:
      'The site’s resolver answers SERVFAIL for one name, whose servers it cannot use; the rest of the world has it.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'resolver-filters',
      confidence: 'possible',
      owner: 'dns',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'fail', rcode: 'serverFailure' }),
    shows: 'server failure inside, 127.0.0.1 outside',
    control: (network) => insideAndOutside(network, filtered),
  }),
  fault({
    id: 'name-fails-everywhere',
    title: 'no resolver gets through to a name',
    breaks: 'Every resolver answers SERVFAIL for one name: its zone is broken somewhere, and no answer says where.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'unknown',
      cause: 'undetermined',
      confidence: 'undetermined',
      owner: 'tool',
    },
    consequences: [],
    inject({ internal, control }) {
      const undo = [internal, control].map((resolver) =>
        resolver.conduct(filtered, { does: 'fail', rcode: 'serverFailure' }),
      )
      return () => {
        for (const one of undo) one()
      }
    },
    shows: 'server failure inside, server failure outside',
    control: (network) => insideAndOutside(network, filtered),
  }),
  fault({
    id: 'resolver-slow',
    title: 'resolver is slow',
    breaks: 'The site’s resolver asks a dead forwarder first: one name takes it a second and a half.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'degraded',
      cause: 'resolver-slow',
      confidence: 'likely',
      owner: 'dns',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'wait', ms: 1500 }),
    shows: 'silence at first, 127.0.0.1 in the end',
    control: async (network) => {
      const first = await ask(network, network.internal, filtered, 'udp', silenceMs)
      return `${first} at first, ${await ask(network, network.internal, filtered)} in the end`
    },
  }),
  fault({
    id: 'resolver-dead',
    title: 'resolver does not answer',
    breaks: 'The site’s resolver hangs: it takes questions over UDP and TCP and answers none.',
    expect: {
      flow: 'app-oidc',
      verdict: 'blocked',
      cause: 'resolver-unreachable',
      confidence: 'likely',
      owner: 'dns',
    },
    consequences: [
      { flow: 'lab-dns', verdict: 'blocked', cause: 'resolver-unreachable' },
      { flow: 'pnc-https', verdict: 'blocked', cause: 'resolver-unreachable' },
      { flow: 'pnc-http', verdict: 'blocked', cause: 'resolver-unreachable' },
      { flow: 'app-graph', verdict: 'blocked', cause: 'resolver-unreachable' },
      { flow: 'neg-8443-entra', verdict: 'unknown', cause: 'undetermined' },
    ],
    inject: ({ internal }) => internal.silence(),
    shows: 'silence over UDP, silence over TCP, 127.0.0.1 outside',
    control: async (network) => {
      const { internal, control } = network
      const [udp, tcp, outside] = await Promise.all([
        ask(network, internal, long, 'udp', silenceMs),
        ask(network, internal, long, 'tcp', silenceMs),
        ask(network, control, long),
      ])
      return `${udp} over UDP, ${tcp} over TCP, ${outside} outside`
    },
  }),
  fault({
    id: 'forwarders-dead',
    title: 'forwarders of the resolver dead',
    breaks:
      'The site’s resolver has its zone, and none of its forwarders answers: it says SERVFAIL for all that is outside.',
    expect: {
      flow: 'app-oidc',
      verdict: 'blocked',
      cause: 'forwarding-fails',
      confidence: 'likely',
      owner: 'dns',
      says: 'what it has to forward fails',
    },
    consequences: [
      { flow: 'pnc-https', verdict: 'blocked', cause: 'forwarding-fails' },
      { flow: 'pnc-http', verdict: 'blocked', cause: 'forwarding-fails' },
      { flow: 'app-graph', verdict: 'blocked', cause: 'forwarding-fails' },
      { flow: 'neg-8443-entra', verdict: 'unknown', cause: 'undetermined' },
    ],
    inject: ({ internal }) => internal.loseForwarders(),
    shows: '127.0.0.1 of the zone, server failure for the rest, 127.0.0.1 outside',
    control: async (network) => {
      const { internal, control } = network
      const [zone, rest, outside] = await Promise.all([
        ask(network, internal, dnsName),
        ask(network, internal, long),
        ask(network, control, long),
      ])
      return `${zone} of the zone, ${rest} for the rest, ${outside} outside`
    },
  }),
  fault({
    id: 'first-resolver-dead',
    title: 'first of two resolvers dead',
    breaks:
      'The site names two resolvers; the first one is dead, so that every name waits for it before the second is asked.',
    expect: {
      flow: 'app-oidc',
      target: long,
      verdict: 'degraded',
      cause: 'resolver-slow',
      confidence: 'likely',
      owner: 'dns',
      says: 'did not answer',
    },
    consequences: [{ verdict: 'degraded', cause: 'resolver-slow' }],
    site: (site, { second, internal }) => ({
      ...site,
      resolvers: {
        ...site.resolvers,
        internal: [second, internal].map(({ address, port }) => `${address}:${port}`),
      },
    }),
    inject: ({ second }) => second.silence(),
    shows: 'silence from the first, 127.0.0.1 from the second',
    control: async (network) => {
      const first = await ask(network, network.second, long, 'udp', silenceMs)
      return `${first} from the first, ${await ask(network, network.internal, long)} from the second`
    },
  }),
  fault({
    id: 'dns-tcp-closed',
    title: 'DNS over TCP closed',
    breaks: 'The resolver cuts a long answer short and would give it over TCP, which the firewall refuses.',
    expect: {
      flow: 'app-oidc',
      target: long,
      verdict: 'blocked',
      cause: 'dns-tcp-blocked',
      confidence: 'likely',
      owner: 'firewall',
    },
    consequences: [
      { flow: 'lab-dns', transport: 'tcp', verdict: 'blocked', cause: 'dns-tcp-blocked' },
      { flow: 'neg-8443-entra', verdict: 'unknown', cause: 'undetermined' },
    ],
    async inject({ internal }) {
      await internal.tcp.shut()
      const restore = internal.conduct(long, { does: 'truncate' })
      return async () => {
        restore()
        await internal.tcp.open()
      }
    },
    shows: 'cut short over UDP, refused over TCP',
    control: async (network) =>
      `${await ask(network, network.internal, long)} over UDP, ${await ask(network, network.internal, long, 'tcp')} over TCP`,
  }),
  fault({
    id: 'alias-circle',
    title: 'aliases in a circle',
    breaks: 'On the site’s resolver a name is an alias of a name that is an alias of it; the rest of the world has it.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'name-missing',
      confidence: 'certain',
      owner: 'dns',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'go-round', by: 'alias.corp.example' }),
    shows: 'aliases alone inside, 127.0.0.1 outside',
    control: (network) => insideAndOutside(network, filtered),
  }),
  fault({
    id: 'resolver-blanks',
    title: 'resolver blanks a name',
    breaks: 'The site’s resolver answers 0.0.0.0 for a name on its block list; the rest of the world has it.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'resolver-filters',
      confidence: 'likely',
      owner: 'dns',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'answer', addresses: ['0.0.0.0'] }),
    shows: '0.0.0.0 inside, 127.0.0.1 outside',
    control: (network) => insideAndOutside(network, filtered),
  }),
  fault({
    id: 'resolver-block-page',
    title: 'resolver leads to a block page',
    breaks:
      'The site’s resolver gives, for a name on its block list, the address of a server that says that it is blocked.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'resolver-filters',
      confidence: 'likely',
      owner: 'dns',
    },
    consequences: [],
    needs: 'linux-loopback',
    async inject({ internal, cloud, pki }) {
      const filter = await openTlsFront({
        pki,
        address: elsewhere,
        port: cloud.door.port,
        name: 'filter',
        usual: { does: 'serve', certificate: 'wrong-name' },
        answers: blockPageAnswers,
      })
      const forget = internal.conduct(filtered, { does: 'answer', addresses: [elsewhere] })
      return async () => {
        forget()
        await filter.close()
      }
    },
    shows: `${elsewhere} inside, 127.0.0.1 outside, Web Page Blocked`,
    control: async (network) => {
      const place = { address: elsewhere, port: network.cloud.door.port }
      return `${await insideAndOutside(network, filtered)}, ${await read(network, place, filtered, '/')}`
    },
  }),
  fault({
    id: 'dns-intercepted',
    title: 'DNS answered on the way',
    breaks: 'A device on the way answers every question over UDP by itself, whoever was asked, and denies one name.',
    expect: {
      flow: 'app-graph',
      target: denied,
      verdict: 'blocked',
      cause: 'dns-tampered',
      confidence: 'likely',
      owner: 'network',
    },
    consequences: [],
    inject({ internal, control, nowhere, answerOnTheWay }) {
      const undo = [internal, control, nowhere].map((resolver) =>
        resolver.conduct(denied, { does: 'deny', over: 'udp' }),
      )
      undo.push(answerOnTheWay())
      return () => {
        for (const one of undo) one()
      }
    },
    shows: 'no such name inside, no such name outside, no such name where no resolver is, 127.0.0.1 over TCP',
    control: async (network) => {
      const { nowhere, control } = network
      const nobody = await ask(network, nowhere, denied)
      return `${await insideAndOutside(network, denied)}, ${nobody} where no resolver is, ${await ask(network, control, denied, 'tcp')} over TCP`
    },
  }),
  fault({
    id: 'srv-missing',
    title: 'service record missing',
    breaks: 'The zone has lost the record by which clients find the global catalog.',
    expect: { ...served, verdict: 'blocked', cause: 'srv-incomplete', confidence: 'certain', owner: 'dns' },
    consequences: [],
    inject: ({ internal }) => internal.conduct('_gc._tcp.corp.example', { does: 'deny' }),
    shows: 'no such name',
    control: (network) => ask(network, network.internal, '_gc._tcp.corp.example'),
  }),
  fault({
    id: 'srv-dangling',
    title: 'service records lead nowhere',
    breaks: 'The zone names a domain controller by its service records, and has no address of it.',
    expect: { ...served, verdict: 'blocked', cause: 'srv-incomplete', confidence: 'certain', owner: 'dns' },
    consequences: [],
    inject: ({ internal }) => internal.conduct('dc01.corp.example', { does: 'deny' }),
    shows: 'no such name',
    control: (network) => ask(network, network.internal, 'dc01.corp.example'),
  }),
  fault({
    id: 'dns-forestalled',
    title: 'forged DNS answer beside the right one',
    breaks: 'Somebody on the way answers for one name before the resolver does, whose own answer comes a moment later.',
    expect: {
      flow: 'pnc-https',
      target: filtered,
      verdict: 'blocked',
      cause: 'dns-tampered',
      confidence: 'likely',
      owner: 'network',
    },
    consequences: [],
    inject: ({ internal }) => internal.conduct(filtered, { does: 'forestall' }),
    shows: 'no such name over UDP, 127.0.0.1 over TCP',
    control: async (network) =>
      `${await ask(network, network.internal, filtered)} over UDP, ${await ask(network, network.internal, filtered, 'tcp')} over TCP`,
  }),
] as const
