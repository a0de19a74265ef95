import { InvalidArgumentError } from 'commander'
import { quoted } from '../../config/quoted.ts'
import type { SharedBy } from '../../gate/chosenBackend.ts'
import { chosenBackend } from '../../gate/chosenBackend.ts'
import type { AskedRequest } from '../../identity/explainAccess.ts'
import { explainAccess } from '../../identity/explainAccess.ts'
import { hypotheticalIdentity } from '../../identity/hypotheticalIdentity.ts'
import { canonicalAddress } from '../../model/cidr.ts'
import { networkOf } from '../../model/networkOf.ts'
import type { Route } from '../../model/route.ts'
import { systemClock } from '../../net/clock.ts'
import { explainRecorded } from '../explainRecorded.ts'
import { pageFor } from '../pageFor.ts'
import { publishedRangesOf } from '../publishedRanges.ts'
import { accessFormats } from '../render/index.ts'
import type { Shell } from '../shell.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { siteFrom } from '../siteFrom.ts'
import { version } from '../version.ts'
import { expectResultAt, writeResult } from '../writeResult.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, addSiteOption, formatOf } from './sharedOptions.ts'

interface AccessOptions extends SharedOptions {
  readonly site: string
  readonly method: string
  readonly claims?: string
  readonly address?: string
  readonly certificate?: string
  readonly at?: number
  readonly recorded?: string
}

/** `postern explain-access`: whether a request would pass the gate's routes, by which rule, and what is missing. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(addSiteOption(command), Object.keys(accessFormats))
    .argument('[url]', 'what is asked for, such as https://payroll.corp.example:8443/admin')
    .option('--method <method>', 'the method of the request', methodOf, 'GET')
    .option('--claims <file>', 'who asks: the claims of a token as JSON, - for stdin (default: nobody has signed in)')
    .option('--address <address>', 'the address of the client', addressOf)
    .option('--certificate <sha256>', 'the fingerprint of a client certificate that was verified', fingerprintOf)
    .option('--at <time>', 'when, such as 2026-11-20T09:30:00Z (default: now)', timeOf)
    .option(
      '--recorded <traceid>',
      'in the place of a URL: a request of the record, by the traceId of its answer',
      traceIdOf,
    )
    .addHelpText(
      'after',
      `
Judges by gate.routes of the site file, with the rules that the gate has. Nothing is sent, and nothing that the claims
say is verified. Groups that a token leaves out because they are too many are denied: here nobody asks Graph for them.

With --recorded it says what the record of the gate (gate.record.folder) has of a request: the route that decided then, why,
and what was missing. Answers of the gate name their traceId, pages and problem+json alike; apps are sent it as X-Request-Id.

The exit code is 0 when the request would pass, 1 when it would not, 2 when that could not be told.

Examples:
  postern explain-access https://payroll.corp.example:8443/
  postern explain-access --claims ada.json https://payroll.corp.example:8443/admin
  postern explain-access --recorded 4bf92f3577b34da6a3ce929d0e0e4736
  postern explain-access --claims daemon.json --method POST --address 10.1.2.3 https://payroll.corp.example:8443/import
`,
    )
    .action(async (url: string | undefined, options: AccessOptions) =>
      done(await (options.recorded === undefined ? run(url, options, shell) : runRecorded(url, options, shell))),
    )
}

async function runRecorded(url: string | undefined, options: AccessOptions, shell: Shell): Promise<number> {
  const { recorded = '', claims, address, certificate, at } = options
  if ([url, claims, address, certificate, at].some((one) => one !== undefined)) {
    throw new UsageError(
      '--recorded asks about a request that was made: give neither a URL nor who asked, from where or when',
    )
  }
  await expectResultAt(options.out, shell, { '--site': options.site })
  const loaded = await siteFrom(options.site, shell, false)
  const report = await explainRecorded(recorded, loaded, shell.signal)
  const render = await accessFormats[formatOf(options) as keyof typeof accessFormats].load()
  await writeResult(render(report, pageFor(shell, options, false)), options.out, shell)
  return report.allowed ? exitCodes.well : exitCodes.findings
}

async function run(text: string | undefined, options: AccessOptions, shell: Shell): Promise<number> {
  if (text === undefined) throw new UsageError('explain-access: give the URL that is asked for, or --recorded TRACEID')
  const { host, target } = placeOf(text)
  const { claims: file, address, certificate, method } = options
  await expectResultAt(options.out, shell, { '--site': options.site, ...(file !== undefined && { '--claims': file }) })
  const loaded = await siteFrom(options.site, shell, false)
  const { site } = loaded
  const routes = site.gate?.routes
  if (routes === undefined) {
    throw new UsageError(`${options.site}: there is nothing to judge by: write routes under gate:`)
  }
  const publishedRanges =
    site.gate === undefined ? undefined : await publishedRangesOf({ gate: site.gate, routes }, loaded)
  const who: Pick<AskedRequest, 'identity'> = file === undefined ? {} : await whoIn(file, shell)
  const judged = explainAccess(
    {
      site: site.site,
      postern: version,
      routes,
      ...(site.gate?.origin !== undefined && { origin: site.gate.origin }),
      ...(publishedRanges !== undefined && { publishedRanges }),
    },
    {
      method,
      host,
      target,
      ...who,
      ...(address !== undefined && { address }),
      ...(certificate !== undefined && { certificateSha256: certificate }),
      at: options.at ?? systemClock.now(),
    },
  )
  const route = judged.allowed ? routes.find(({ id }) => id === judged.route?.id) : undefined
  const caller = who.identity ?? (address === undefined ? undefined : { network: networkOf(address) })
  const backend = route && backendOf(route, Object.keys(site.gate?.backends ?? {}), caller)
  const report = backend === undefined ? judged : { ...judged, backend }
  const render = await accessFormats[formatOf(options) as keyof typeof accessFormats].load()
  await writeResult(render(report, pageFor(shell, options, false)), options.out, shell)
  return report.allowed ? exitCodes.well : exitCodes.findings
}

/** With shares it hangs on who asks, or from where: without either it is not told. */
function backendOf(route: Route, known: readonly string[], caller: SharedBy | undefined): string | undefined {
  if (route.shares !== undefined && caller === undefined) return undefined
  return chosenBackend(route, known, caller ?? { network: '' })
}

/** What a client would send: the path as it is typed, and not as a URL reader would mend it. */
function placeOf(text: string): { readonly host: string; readonly target: string } {
  if (/^[^/?#]*\/\/[^/?#]*@/.test(text)) {
    throw new UsageError('the URL holds a user name: leave out what stands before the @; --claims says who asks')
  }
  const match = /^https:\/\/([^/?#\\@\s]+)(.*)$/is.exec(text)
  const authority = match?.[1] === undefined ? undefined : `https://${match[1]}`
  if (match === null || authority === undefined || !URL.canParse(authority)) {
    throw new UsageError(
      `${quoted(text)} is no URL of the gate, write one such as https://payroll.corp.example:8443/admin`,
    )
  }
  const target = match[2] ?? ''
  return { host: new URL(authority).hostname, target: target.startsWith('/') ? target : `/${target}` }
}

async function whoIn(file: string, shell: Shell) {
  const { readClaimsFile } = await import('../../config/readClaimsFile.ts')
  const read = await readClaimsFile(file, shell.cwd, {
    signal: shell.signal,
    ...(shell.stdin !== undefined && { input: shell.stdin }),
  })
  if ('error' in read) throw new UsageError(read.error)
  const found = hypotheticalIdentity(read.claims)
  if ('identity' in found) return found
  if ('refused' in found) {
    throw new UsageError(
      `${file}:1:1: these are no claims of an access token: scp, idtyp and nonce contradict each other, or it is an ID token`,
    )
  }
  const what = found.missing === 'tid' ? 'the id of the tenant' : 'the object id of who asks'
  throw new UsageError(`${file}:1:1: ${found.missing} is missing or no GUID: it is ${what}`)
}

function methodOf(text: string): string {
  if (/^[A-Za-z][A-Za-z-]{0,30}$/.test(text)) return text.toUpperCase()
  throw new InvalidArgumentError(`${quoted(text)} is no method, write one such as GET`)
}

function addressOf(text: string): string {
  const address = canonicalAddress(text)
  if (address !== undefined) return address
  throw new InvalidArgumentError(`${quoted(text)} is no address, write one such as 10.1.2.3`)
}

function fingerprintOf(text: string): string {
  const bare = text.replaceAll(':', '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(bare)) return bare
  throw new InvalidArgumentError(`${quoted(text)} is no SHA-256 fingerprint, write 64 hexadecimal digits`)
}

function traceIdOf(text: string): string {
  if (/^[0-9a-f]{32}$/i.test(text)) return text.toLowerCase()
  throw new InvalidArgumentError(`${quoted(text)} is no traceId, which has 32 hexadecimal digits`)
}

function timeOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new InvalidArgumentError(`${quoted(text)} is no time, write one such as 2026-11-20T09:30:00Z`)
}
