import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { vantageOf } from '../check/vantageOf.ts'
import type { LoadedSite } from '../config/index.ts'
import type { Asked, FoundSetting } from '../machine/index.ts'
import { lookAtMachine, looks } from '../machine/index.ts'
import { parseHostPort } from '../model/cidr.ts'
import type { Site } from '../model/site.ts'
import { domainOrPrefix, proxyPlaceOf } from '../wire/proxySetting.ts'
import type { GivenProxyOptions } from './givenProxyTexts.ts'
import { givenProxyTexts } from './givenProxyTexts.ts'
import { machineMeans } from './machineMeans.ts'
import { thisMachine } from './machineOf.ts'
import { pageFor } from './pageFor.ts'
import { proxiesOf } from './proxiesOf.ts'
import { doctorFormats } from './render/index.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom, usualSiteFile } from './siteFrom.ts'
import type { SharedOptions } from './verbs/sharedOptions.ts'
import { formatOf } from './verbs/sharedOptions.ts'
import { version } from './version.ts'
import { expectResultAt, writeResult } from './writeResult.ts'

export interface DoctorOptions extends SharedOptions, GivenProxyOptions {
  readonly site?: string
  readonly timeout: number
  readonly concurrency: number
  readonly ntp?: string
  readonly wpad?: boolean
}

/**
 * Looks at this machine, writes what was found, and says on stderr meanwhile that it does.
 *
 * @param meansFor makes the machine that is looked at; default: this one
 * @returns the exit code: 0 whatever was found
 * @throws UsageError when it could not run
 */
export async function runDoctor(options: DoctorOptions, shell: Shell, meansFor = machineMeans): Promise<number> {
  await expectResultAt(options.out, shell, {
    '--site': options.site ?? usualSiteFile,
    '--pac': options.pac,
    '--winhttp': options.winhttp,
    '--machine-config': options.machineConfig,
  })
  const loaded = await siteOf(options, shell)
  const asked = await askedOf(options, loaded?.site, shell)
  const { credentials } = await proxiesOf(loaded, [], shell)
  const means = meansFor(shell, {
    names: loaded?.site.names ?? {},
    trustPem: loaded?.trustPem ?? [],
    proxyCredentials: credentials,
  })
  const drawn = options.quiet !== true && shell.stderr.isTerminal
  if (drawn) shell.stderr.write(`looking at ${looks.length} things`)
  const report = await lookAtMachine(version, means, asked, { signal: shell.signal, timeoutMs: options.timeout })
  if (drawn) shell.stderr.write('\r\u001b[K')
  const render = await doctorFormats[formatOf(options) as keyof typeof doctorFormats].load()
  await writeResult(render(report, pageFor(shell, options, false)), options.out, shell)
  return shell.signal.aborted ? exitCodes.interrupted : exitCodes.well
}

async function siteOf({ site }: DoctorOptions, shell: Shell): Promise<LoadedSite | undefined> {
  const file = site ?? usualSiteFile
  if (site === undefined && !existsSync(resolve(shell.cwd, file))) return undefined
  return siteFrom(file, shell, false)
}

async function askedOf(options: DoctorOptions, site: Site | undefined, shell: Shell): Promise<Asked> {
  const { ntp } = options
  if (ntp !== undefined && (parseHostPort(ntp)?.host ?? '') === '') {
    throw new UsageError('--ntp: this is no host, write a name or an address such as dc01.corp.example or 10.1.0.5')
  }
  const given = await givenProxyTexts(options, shell)
  return {
    ...given,
    settings: [...(site === undefined ? [] : settingsOf(site)), ...given.settings],
    concurrency: options.concurrency,
    wpad: options.wpad === true,
    ...(site !== undefined && { site }),
    ...(ntp !== undefined && { timeServer: ntp }),
  }
}

/** The proxies that the site file gives to this machine; what other hosts go by says nothing of this one. */
function settingsOf(site: Site): readonly FoundSetting[] {
  const vantage = vantageOf(site, thisMachine())
  if (!('host' in vantage)) return []
  return Object.entries(site.proxies).flatMap(([name, { url, usedBy }]): FoundSetting[] => {
    const place = proxyPlaceOf(url)?.place
    if (place === undefined || !usedBy.includes(vantage.host)) return []
    const setting = {
      from: `proxies: ${name} in the site file`,
      proxies: { http: place, https: place },
      bypass: [domainOrPrefix('localhost')],
      detects: false,
      holdsCredentials: false,
      unread: [],
    }
    return [{ setting, followedBy: `postern check as ${vantage.host}`, proxyName: name }]
  })
}
