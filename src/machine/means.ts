import type { Site } from '../model/site.ts'
import type { AskedPage, FetchedText } from '../net/fetchText.ts'
import type { Limits, Net } from '../net/net.ts'
import type { PlatformRoots } from '../net/platformRoots.ts'
import type { Route } from '../net/routeTo.ts'
import type { Bound } from '../net/tryBind.ts'
import type { Wpad } from '../net/wpad.ts'
import type { ProxySetting } from '../wire/proxySetting.ts'

/** An address of an interface, canonical. */
export interface OwnAddress {
  readonly interfaceName: string
  readonly address: string
}

export type Ran =
  | { readonly kind: 'ran'; readonly exitCode: number; readonly stdout: string }
  /** It could not be started, or did not end in its time. */
  | { readonly kind: 'failed'; readonly why: string }

/** The machine as looks are given it: whatever is read, run or dialled goes through here, so that a test can be another one. */
export interface Means {
  /** Node's word: `linux`, `win32`, `darwin`. */
  readonly platform: string
  readonly hostName: string
  readonly nodeVersion: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly addresses: readonly OwnAddress[]
  /** Name servers that the system is set up with, as `address` or `address:port`. */
  readonly nameServers: readonly string[]
  /** @returns the text of a small file; undefined when it cannot be read */
  readText(path: string): Promise<string | undefined>
  /** @returns where a program stands on the PATH; undefined when it does not */
  findProgram(name: string): Promise<string | undefined>
  /** Runs a program without a shell, its input closed. */
  run(program: string, words: readonly string[], limits: Limits): Promise<Ran>
  roots(): PlatformRoots
  readonly net: Pick<Net, 'now' | 'lookup' | 'connect' | 'tunnel' | 'handshake' | 'request' | 'askTime'>
  fetchText(url: URL, limits: Limits): Promise<FetchedText>
  /** One GET whose answer is looked at whatever its status; no redirect is followed. */
  askPage(url: URL, limits: Limits): Promise<AskedPage>
  findWpad(domain: string, limits: Limits): Promise<Wpad>
  routeTo(address: string, limits: Limits): Promise<Route>
  tryBind(port: number, limits: Limits): Promise<Bound>
  /** Octets of the ClientHello that Node sends by itself; undefined when it was not learnt. */
  ownHelloOctets(limits: Limits): Promise<number | undefined>
}

/** A proxy setting that was found or given, and who goes by it. */
export interface FoundSetting {
  readonly setting: ProxySetting
  readonly followedBy: string
  /** The proxy's name in the site file, by which the wire knows who asks of it. */
  readonly proxyName?: string
  /** It was given as a text, which may be another machine's. */
  readonly given?: true
}

/** A script that was given by hand. */
export type GivenScript = { readonly from: string; readonly text: string } | { readonly url: URL }

/** What the command line and the site file say of the questions. */
export interface Asked {
  readonly site?: Site
  /** Questions that a check has under way at once. */
  readonly concurrency: number
  /** A time server that is asked besides those of the site: a name or an address. */
  readonly timeServer?: string
  /** Detection (WPAD) is asked though nothing says that it is on. */
  readonly wpad: boolean
  /** Settings read from texts that were taken from this or another machine. */
  readonly settings: readonly FoundSetting[]
  readonly script?: GivenScript
  /** What could not be understood in them, in words. */
  readonly notes: readonly string[]
}
