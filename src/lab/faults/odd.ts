import { agree, ask, read, shake, stateOf } from '../control.ts'
import { oddity } from '../fault.ts'
import { appAnswers } from '../servers/app.ts'
import { errorAnswers } from '../servers/errorAnswers.ts'
import { revocationAnswers } from '../servers/revocation.ts'
import { openTlsFront } from '../servers/tlsFront.ts'
import { appName } from '../site.ts'

const signIn = 'login.microsoftonline.com'
const doubled = 'graph.microsoft.com'
const other = '127.0.0.2'

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
] as const
