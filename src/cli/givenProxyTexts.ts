import { resolve } from 'node:path'
import { quoted, visible } from '../config/quoted.ts'
import { readBounded } from '../config/readBounded.ts'
import type { Asked, FoundSetting, GivenScript } from '../machine/index.ts'
import { followers, machineConfigFound } from '../machine/index.ts'
import { winHttpAdvancedProxy, winHttpProxy } from '../wire/winHttpProxy.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/** Texts of proxy settings that are given by hand, often taken from another server. */
export interface GivenProxyOptions {
  readonly winhttp?: string
  readonly machineConfig?: string
  readonly pac?: string
}

const maxOctets = 1_048_576

/**
 * Reads the texts that the command line names.
 *
 * @throws UsageError when one cannot be read, or is not what it should be; what stands in it is never repeated
 */
export async function givenProxyTexts(
  { winhttp, machineConfig, pac }: GivenProxyOptions,
  shell: Shell,
): Promise<Pick<Asked, 'settings' | 'script' | 'notes'>> {
  const settings: FoundSetting[] = []
  const notes: string[] = []
  if (winhttp !== undefined) {
    const text = await textOf('--winhttp', winhttp, 'netsh winhttp show advproxy > FILE writes one', shell)
    const setting = winHttpAdvancedProxy(text) ?? winHttpProxy(text)
    settings.push({
      setting: { ...setting, from: `netsh winhttp in ${visible(winhttp)}` },
      followedBy: followers.winHttp,
      given: true,
    })
  }
  if (machineConfig !== undefined) {
    const right = 'name a machine.config, or a .exe.config of .NET'
    const text = await textOf('--machine-config', machineConfig, right, shell)
    const found = machineConfigFound(text, visible(machineConfig))
    if ('setting' in found) settings.push({ ...found, given: true })
    else if (found.note !== undefined) throw new UsageError(`--machine-config: ${found.note}, ${right}`)
    else
      notes.push(`${visible(machineConfig)} says nothing of proxies: .NET goes by the user’s or the system’s setting`)
  }
  const script = pac === undefined ? undefined : await scriptOf(pac, shell)
  return { settings, notes, ...(script !== undefined && { script }) }
}

async function scriptOf(pac: string, shell: Shell): Promise<GivenScript> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(pac)) {
    const url = URL.parse(pac)
    if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
      // It is not repeated: a password may stand in it.
      throw new UsageError('--pac: this is no address of a script, write a file, or http://host/proxy.pac')
    }
    return { url }
  }
  const text = await textOf('--pac', pac, 'name a file, or its address: http://host/proxy.pac', shell)
  return { from: visible(pac), text }
}

async function textOf(flag: string, file: string, right: string, shell: Shell): Promise<string> {
  const refused = (what: string) =>
    new UsageError(`${flag}: ${file.includes('@') ? 'the file' : quoted(file)} cannot be read: ${what}, ${right}`)
  const read = await readBounded(resolve(shell.cwd, file), maxOctets, { pipes: true, signal: shell.signal })
  if ('why' in read) throw refused(read.why)
  if ('tooLarge' in read) throw refused(`it is larger than ${maxOctets / 1024 / 1024} MiB`)
  const text = decoded(read.octets)
  if (text.trim() === '') throw refused('it is empty')
  return text
}

/** PowerShell writes what a program prints as UTF-16. */
function decoded(octets: Uint8Array): string {
  const [first, second] = octets
  return new TextDecoder(first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-8').decode(octets)
}
