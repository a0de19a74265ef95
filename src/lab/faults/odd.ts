import { agree, ask, askServices, read, readClock, shake, stateOf } from '../control.ts'
import { oddity } from '../fault.ts'
import { openSocket } from '../openSocket.ts'
import { appAnswers } from '../servers/app.ts'
import { dated } from '../servers/dated.ts'
import { circleAnswers, errorAnswers } from '../servers/errorAnswers.ts'
import { revocationAnswers } from '../servers/revocation.ts'
import { openTlsFront } from '../servers/tlsFront.ts'
import { appName, deskVantage, farmName, proxiedVantage } from '../site.ts'
import { tellTime } from '../tellTime.ts'
import { issuerByProxy, publishedBehindProxy } from './proxiedIssuer.ts'

const signIn = 'login.microsoftonline.com'
const doubled = 'graph.microsoft.com'
const other = '127.0.0.2'
const located = '_ldap._tcp.dc._msdcs.corp.example'

export const oddRows = [
  oddity({
    id: 'resolver-truncates',
    title: 'long answers come over TCP',
    breaks: 'The resolver cuts a long answer short over UDP and gives it over TCP, as it should.',
    inject: ({ internal }) => internal.conduct(signIn, { does: 'truncate' }),
    shows: 'cut short over UDP, 127.0.0.1 over TCP',
    control: async (network) =>
      `${await ask(network, network.internal, signIn)} over UDP, ${await ask(network, network.internal, signIn, 'tcp')} over TCP`,
  }),
  oddity({
    id: 'two-addresses',
    title: 'name with two addresses',
    breaks: 'One of the names has two addresses, and a front end behind each.',
    needs: 'linux-loopback',
    async inject({ internal, control, cloud, pki }) {
      const second = await openTlsFront({
        pki,
        address: other,
        port: cloud.door.port,
        name: doubled,
        answers: appAnswers,
      })
      const forget = [internal, control].map((resolver) =>
        resolver.conduct(doubled, { does: 'answer', addresses: ['127.0.0.1', other] }),
      )
      return async () => {
        for (const one of forget) one()
        await second.close()
      }
    },
    shows: 'genuine, genuine',
    control: async (network) => {
      const { address, port } = network.cloud.door
      return `${await shake(network, { address, port }, doubled)}, ${await shake(network, { address: other, port }, doubled)}`
    },
  }),
  oddity({
    id: 'tls-two-only',
    title: 'TLS 1.2 only',
    breaks: 'The app’s server knows TLS 1.2 and nothing newer.',
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'genuine', versions: 'TLSv1.2' }),
    shows: 'TLSv1.2',
    control: (network) => agree(network, network.app.door, appName, 'TLSv1.3'),
  }),
  oddity({
    id: 'tls-three-only',
    title: 'TLS 1.3 only',
    breaks: 'The app’s server takes TLS 1.3 and nothing older.',
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'genuine', versions: 'TLSv1.3' }),
    shows: 'TLSv1.3, alert',
    control: async (network) => {
      const { door } = network.app
      return `${await agree(network, door, appName, 'TLSv1.3')}, ${await agree(network, door, appName, 'TLSv1.2')}`
    },
  }),
  oddity({
    id: 'product-name-in-own-ca',
    title: 'own CA that is called like a product',
    breaks:
      'The company’s CA, which the site trusts, has in its name a word that a product for TLS inspection has too.',
    inject({ app, cloud }) {
      const undo = [app, cloud].map((front) => front.conduct('*', { does: 'serve', certificate: 'namesake' }))
      return () => {
        for (const one of undo) one()
      }
    },
    shows: 'issued by Barracuda Works Issuing CA 2',
    control: (network) => shake(network, network.app.door, appName),
  }),
  oddity({
    id: 'service-records-differ',
    title: 'service records that differ',
    breaks: 'A new domain controller is in the records of one name server, and the other one has not heard of it yet.',
    from: deskVantage,
    finds: ['srv-incomplete'],
    inject: ({ second }) => second.conduct(located, { does: 'locate', at: ['dc01.corp.example', 'dc02.corp.example'] }),
    shows: 'dc01.corp.example at the first, dc01.corp.example, dc02.corp.example at the second',
    control: async (network) =>
      `${await askServices(network, network.internal, located)} at the first, ${await askServices(network, network.second, located)} at the second`,
  }),
  oddity({
    id: 'one-clock-off',
    title: 'server whose Date field is an hour off',
    breaks: 'The clock of the app’s server is an hour ahead: this machine’s own is right, and no certificate suffers.',
    inject: ({ app, clock }) =>
      app.conduct('*', {
        does: 'serve',
        certificate: 'genuine',
        answers: dated(appAnswers, () => clock() + 3_600_000),
      }),
    shows: '60 min',
    control: (network) => readClock(network, network.app.door, appName),
  }),
  oddity({
    id: 'smart-card-insisted',
    title: 'sign-in that insists on a certificate',
    breaks:
      'The federation service lets nobody in without a certificate: it has asked for one, which is all that counts.',
    from: deskVantage,
    inject: ({ farm }) => farm.conduct('*', { does: 'serve', certificate: 'genuine', clients: 'with-certificate' }),
    shows: 'alert',
    control: (network) => read(network, network.farm.door, farmName, '/'),
  }),
  oddity({
    id: 'metadata-circle',
    title: 'sign-in metadata that leads to itself',
    breaks: 'The sign-in service is reached, and sends whoever asks for its metadata to the very same address again.',
    inject: ({ cloud }) => cloud.conduct(signIn, { does: 'serve', certificate: 'genuine', answers: circleAnswers }),
    shows: '302 Found',
    control: (network) => read(network, network.cloud.door, signIn, '/'),
  }),
  oddity({
    id: 'client-certificate',
    title: 'client certificate wanted',
    breaks: 'The app lets nobody in without a certificate of the client: the path is as it should be.',
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'genuine', clients: 'with-certificate' }),
    shows: 'alert',
    control: (network) => read(network, network.app.door, appName, '/'),
  }),
  oddity({
    id: 'app-busy',
    title: 'app answers 503',
    breaks: 'The app is reached and says by itself that it is too busy: no path is to blame.',
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'genuine', answers: errorAnswers(503) }),
    shows: 'Service Unavailable',
    control: (network) => read(network, network.app.door, appName, '/'),
  }),
  oddity({
    id: 'responder-forged',
    title: 'responder with a strange signature',
    breaks: 'The responder signs by a key that is not the CA’s; the list is as it should be, and says enough.',
    inject: ({ web, pki }) => web.conduct(revocationAnswers(pki, { responder: 'forged' })),
    shows: 'list in order',
    control: stateOf,
  }),
  oddity({
    id: 'responder-other',
    title: 'responder that answers for another certificate',
    breaks: 'The responder speaks of another certificate; the list is as it should be, and says enough.',
    inject: ({ web, pki }) => web.conduct(revocationAnswers(pki, { responder: 'other' })),
    shows: 'list in order',
    control: stateOf,
  }),
  oddity({
    id: 'list-missing',
    title: 'revocation list not to be had',
    breaks: 'The list is gone from where it was published; the responder answers, which is enough.',
    inject: ({ web, pki }) => web.conduct(revocationAnswers(pki, { list: errorAnswers(404) })),
    shows: 'no list',
    control: stateOf,
  }),
  oddity({
    id: 'published-behind-proxy',
    title: 'revocation lists by the proxy alone',
    breaks: 'Nobody but the proxy gets to the hosts of revocation lists and issuers, and it fetches for everybody.',
    from: proxiedVantage,
    site: publishedBehindProxy,
    inject: () => () => {},
    shows: '200',
    control: issuerByProxy,
  }),
  oddity({
    id: 'time-asks-to-slow-down',
    title: 'time server asks to slow down',
    breaks: 'Too many clients behind one address ask the time server, which tells them to wait: it is reached.',
    inject: ({ time }) => time.conduct({ does: 'refuse', code: 'RATE' }),
    shows: 'RATE',
    control: (network) => tellTime(network),
  }),
  oddity({
    id: 'socket-wants-sign-in',
    title: 'WebSocket behind a sign-in',
    breaks: 'The live view wants a token before it opens a WebSocket: it is reached, and says so.',
    inject: ({ live }) => live.conduct('*', { does: 'serve', certificate: 'genuine', answers: errorAnswers(401) }),
    shows: '401',
    control: (network) => openSocket(network),
  }),
  oddity({
    id: 'other-address-outside',
    title: 'another address inside than outside',
    breaks: 'A name is served from several places, and the resolvers inside and outside give the nearest of theirs.',
    needs: 'linux-loopback',
    async inject({ internal, cloud, pki }) {
      const { port } = cloud.door
      const near = await openTlsFront({ pki, address: other, port, name: doubled, answers: appAnswers })
      const forget = internal.conduct(doubled, { does: 'answer', addresses: [other] })
      return async () => {
        forget()
        await near.close()
      }
    },
    shows: `${other} inside, 127.0.0.1 outside, genuine`,
    control: async (network) => {
      const inside = await ask(network, network.internal, doubled)
      const met = await shake(network, { address: inside, port: network.cloud.door.port }, doubled)
      return `${inside} inside, ${await ask(network, network.control, doubled)} outside, ${met}`
    },
  }),
  oddity({
    id: 'dns-led-elsewhere',
    title: 'all DNS led to one resolver',
    breaks: 'A device on the way answers DNS for everybody, and rightly: many networks want it so.',
    inject: ({ answerOnTheWay }) => answerOnTheWay(),
    shows: '127.0.0.1',
    control: (network) => ask(network, network.nowhere, signIn),
  }),
  ...([403, 404, 500] as const).map((status) =>
    oddity({
      id: `metadata-${status === 403 ? 'forbidden' : status === 404 ? 'missing' : 'failing'}`,
      title: `sign-in metadata answers ${status}`,
      breaks: `The sign-in service is reached and answers ${status} for its metadata: no path is to blame.`,
      inject: ({ cloud }) =>
        cloud.conduct(signIn, { does: 'serve', certificate: 'genuine', answers: errorAnswers(status) }),
      shows: { 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' }[status],
      control: (network) => read(network, network.cloud.door, signIn, '/'),
    }),
  ),
  oddity({
    id: 'any-key-usage',
    title: 'certificate without an extended key usage',
    breaks: 'The app’s certificate does not say what it was issued for, and so may be a server’s as well.',
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'of-any-purpose' }),
    shows: 'genuine',
    control: (network) => shake(network, network.app.door, appName),
  }),
  oddity({
    id: 'weak-key',
    title: 'key of 1024 bits',
    breaks: 'The app’s certificate has a key that is too short for today, and every client here still takes it.',
    finds: ['weak-key'],
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'weak-key' }),
    shows: 'genuine',
    control: (network) => shake(network, network.app.door, appName),
  }),
  oddity({
    id: 'old-tls-too',
    title: 'TLS 1.0 and 1.1 beside newer versions',
    breaks: 'The app’s server takes every version of TLS since 1.0.',
    asks: 'posture',
    finds: ['old-tls'],
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'genuine', versions: 'all' }),
    shows: 'TLSv1.3, TLSv1.2',
    control: async (network) => {
      const { door } = network.app
      return `${await agree(network, door, appName, 'TLSv1.3')}, ${await agree(network, door, appName, 'TLSv1.2')}`
    },
  }),
] as const
