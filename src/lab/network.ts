import type { RequestListener } from 'node:http'
import { namesCovering } from '../catalog/index.ts'
import { appAnswers } from './servers/app.ts'
import { type Doorway, openDoorway } from './servers/doorway.ts'
import { type NetlogonServer, openNetlogonServer } from './servers/netlogonServer.ts'
import { openPki, type Pki } from './servers/pki.ts'
import { openPlainFront, type PlainFront } from './servers/plainFront.ts'
import { type LabProxy, openProxy } from './servers/proxy.ts'
import { openResolver, type Resolver } from './servers/resolver.ts'
import { revocationAnswers } from './servers/revocation.ts'
import { makeSigningKey, type SigningKey } from './servers/signingKey.ts'
import { tenantAnswers } from './servers/tenant.ts'
import { openTimeServer, type TimeServer } from './servers/timeServer.ts'
import { openTlsFront, type TlsFront } from './servers/tlsFront.ts'
import { acceptSocket } from './servers/webSocket.ts'
import { loopback } from './servers/zone.ts'
import { appName, directoryName, farmName, gateName, liveName, partnerName, pkiName } from './site.ts'

/** The servers of the small network, as faults lay hands on them. */
export interface Network {
  /** The clock of this machine. */
  readonly clock: () => number
  /** Lets every clock of the network be so many milliseconds away from this machine's; returns what undoes it. */
  readonly setClocks: (awayMs: number) => () => void
  readonly pki: Pki
  /** Microsoft's names over TLS. */
  readonly cloud: TlsFront
  /** What Microsoft's names answer, for a fault that has them answered elsewhere. */
  readonly cloudAnswers: RequestListener
  /** Revocation lists and missing issuers over plain HTTP. */
  readonly web: PlainFront
  /** The company's own app, and the one on the gate. */
  readonly app: TlsFront
  /** Where nobody listens. */
  readonly closed: Doorway
  /** The resolver of the site, which has its zone, and another one that has it as well. */
  readonly internal: Resolver
  readonly second: Resolver
  /** The domain controller over TLS. */
  readonly directory: TlsFront
  /** The door of the federation service at which a certificate of the client is asked for. */
  readonly farm: TlsFront
  /** The time server of the site. */
  readonly time: TimeServer
  /** The app with a live view over WebSocket. */
  readonly live: TlsFront
  /** The domain controller over CLDAP, which no flow of the site asks by itself. */
  readonly netlogon: NetlogonServer
  /** A resolver of the internet, which has not. */
  readonly control: Resolver
  /** Stands for the address at which no resolver is: silent, until something on the way answers for it. */
  readonly nowhere: Resolver
  /** Lets something on the way answer there; returns what undoes it. */
  readonly answerOnTheWay: () => () => void
  /** The company's way out, which finds names by itself. */
  readonly proxy: LabProxy
  /** PEM of the roots that this machine is to trust besides its own. */
  readonly machineRoots: Set<string>
  /** Aborted when the lab closes: a fault that is being put in place gives up. */
  readonly signal: AbortSignal
  close(): Promise<void>
}

export interface NetworkOptions {
  readonly clock: () => number
  /** 0: any free ports. */
  readonly basePort: number
  readonly signal: AbortSignal
}

/** Whether the small network serves a name of the internet: those of Microsoft's lists, and no other. */
function isServed(name: string): boolean {
  return namesCovering(name, 'worldwide').length > 0
}

/** Opens the servers one after the other; when one of them fails or the signal fires, those before it are closed. */
export async function openNetwork({ clock: ownClock, basePort, signal }: NetworkOptions): Promise<Network> {
  let awayMs = 0
  /** What the servers go by. */
  const clock = (): number => ownClock() + awayMs
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((server) => server.close()))
  }
  const keep = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const server = await opening
    opened.push(server)
    signal.throwIfAborted()
    return server
  }
  let ports = 0
  const next = (): { address: string; port: number } => {
    const port = basePort === 0 ? 0 : basePort + ports
    ports += 1
    return { address: loopback, port }
  }

  try {
    signal.throwIfAborted()
    const pki = await openPki({ clock, publishedAt: `http://${pkiName}` })
    const web = await keep(openPlainFront(next(), revocationAnswers(pki), clock))
    let signingKey: Promise<SigningKey> | undefined
    const key = (): Promise<SigningKey> => {
      signingKey ??= makeSigningKey(clock())
      return signingKey
    }
    const cloudAnswers = tenantAnswers(key)
    const cloud = await keep(
      openTlsFront({
        ...next(),
        pki,
        clock,
        name: 'login.microsoftonline.com',
        serves: isServed,
        answers: cloudAnswers,
      }),
    )
    const app = await keep(
      openTlsFront({
        ...next(),
        pki,
        clock,
        name: appName,
        serves: (name) => name === gateName || name === partnerName,
        answers: appAnswers,
      }),
    )
    const closed = await keep(openDoorway(next(), (socket) => socket.resetAndDestroy()))
    await closed.shut()
    const internal = await keep(openResolver({ ...next(), ownZone: true, serves: isServed }))
    const control = await keep(openResolver({ ...next(), ownZone: false, serves: isServed }))
    const find = (name: string, port: number) => {
      if (name === partnerName) return app.door
      if (!isServed(name) && name !== pkiName) return undefined
      return port === 80 ? web : cloud.door
    }
    const proxy = await keep(openProxy({ ...next(), find }))
    const time = await keep(openTimeServer(next(), clock))
    const live = await keep(
      openTlsFront({ ...next(), pki, clock, name: liveName, answers: appAnswers, upgrades: acceptSocket }),
    )
    const second = await keep(openResolver({ ...next(), ownZone: true, serves: isServed }))
    const directory = await keep(openTlsFront({ ...next(), pki, clock, name: directoryName, answers: appAnswers }))
    const farm = await keep(
      openTlsFront({
        ...next(),
        pki,
        clock,
        name: farmName,
        usual: { does: 'serve', certificate: 'genuine', clients: 'asked' },
        answers: appAnswers,
      }),
    )
    const nowhere = await keep(openResolver({ ...next(), ownZone: false, serves: isServed }))
    const netlogon = await keep(openNetlogonServer())
    let listen = nowhere.silence()
    const answerOnTheWay = (): (() => void) => {
      listen()
      return () => {
        listen = nowhere.silence()
      }
    }
    signal.throwIfAborted()
    return {
      clock: ownClock,
      setClocks(ms) {
        const before = awayMs
        awayMs = ms
        return () => {
          awayMs = before
        }
      },
      pki,
      cloud,
      cloudAnswers,
      web,
      app,
      closed,
      internal,
      second,
      directory,
      farm,
      netlogon,
      control,
      nowhere,
      answerOnTheWay,
      proxy,
      time,
      live,
      machineRoots: new Set(),
      signal,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
