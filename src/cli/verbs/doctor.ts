import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { vantageOf } from '../../check/vantageOf.ts'
import type { LoadedSite } from '../../config/index.ts'
import type { Asked, FoundSetting } from '../../machine/index.ts'
import { lookAtMachine, looks } from '../../machine/index.ts'
import { parseHostPort } from '../../model/cidr.ts'
import type { Site } from '../../model/site.ts'
import { domainOrPrefix, proxyPlaceOf } from '../../wire/proxySetting.ts'
import type { GivenProxyOptions } from '../givenProxyTexts.ts'
import { givenProxyTexts } from '../givenProxyTexts.ts'
import { machineMeans } from '../machineMeans.ts'
import { thisMachine } from '../machineOf.ts'
import { pageFor } from '../pageFor.ts'
import { doctorFormats } from '../render/index.ts'
import type { Shell } from '../shell.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { siteFrom } from '../siteFrom.ts'
import { version } from '../version.ts'
import { expectResultAt, writeResult } from '../writeResult.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, formatOf, wholeNumber } from './sharedOptions.ts'

export interface DoctorOptions extends SharedOptions, GivenProxyOptions {
  readonly site?: string
  readonly timeout: number
  readonly concurrency: number
  readonly ntp?: string
  readonly wpad?: boolean
}

/** `postern doctor`: what this machine lets Postern know, before a check is believed. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(command, Object.keys(doctorFormats))
    .option('--site <file>', 'the site file (default: ./postern.yaml, if there is one)')
    .option('--timeout <ms>', 'longest single look in milliseconds', wholeNumber(50, 600_000, 'milliseconds'), 5000)
    .option(
      '--concurrency <n>',
      'questions that a check is to have under way at once',
      wholeNumber(1, 1024, 'questions'),
      256,
    )
    .option('--ntp <host>', 'a time server to compare the clock with (default: a domain controller of the site)')
    .option('--wpad', 'look for a proxy script as detection does: http://wpad.<domain>/wpad.dat')
    .option('--pac <file>', 'a proxy script to ask: a file, or its http address')
    .option('--winhttp <file>', 'what netsh winhttp show advproxy (or show proxy) printed on a server')
    .option('--machine-config <file>', 'a machine.config of .NET, which Entra Connect goes by')
    .addHelpText(
      'after',
      `
Sends little: each name server is asked one question over UDP and one over TCP, each clock once, and a proxy script is
fetched only where a setting names one. Passwords in proxy settings are never shown. The exit code is 0 whatever is
found; 2 when it could not run.

Examples:
  postern doctor                                      this machine
  postern doctor --site hq.yaml --ntp dc01.corp.example
  postern doctor --pac http://pac.corp.example/proxy.pac
  postern doctor --winhttp winhttp.txt --machine-config machine.config
  postern doctor --json --out doctor.json             for a ticket
`,
    )
    .action(async (options: DoctorOptions) => {
      await expectResultAt(options.out, shell)
      const loaded = await siteOf(options, shell)
      const asked = await askedOf(options, loaded?.site, shell)
      const means = machineMeans(shell, { names: loaded?.site.names ?? {}, trustPem: loaded?.trustPem ?? [] })
      const says = `looking at ${looks.length} things`
      const drawn = options.quiet !== true && shell.stderr.isTerminal
      if (drawn) shell.stderr.write(says)
      const report = await lookAtMachine(version, means, asked, { signal: shell.signal, timeoutMs: options.timeout })
      if (drawn) shell.stderr.write('\r\u001b[K')
      const render = await doctorFormats[formatOf(options) as keyof typeof doctorFormats].load()
      await writeResult(render(report, pageFor(shell, options, false)), options.out, shell)
      done(shell.signal.aborted ? exitCodes.interrupted : exitCodes.well)
    })
}

async function siteOf({ site }: DoctorOptions, shell: Shell): Promise<LoadedSite | undefined> {
  const file = site ?? './postern.yaml'
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
    return [{ setting, followedBy: `postern check as ${vantage.host}` }]
  })
}
