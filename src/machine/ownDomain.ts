import { isHostName } from '../catalog/index.ts'
import type { Limits } from '../net/net.ts'
import type { Means } from './means.ts'

/** The DNS domain that this machine says it is in, and where it says so. */
export interface OwnDomain {
  readonly domain: string
  readonly from: string
}

/**
 * The domain of this machine: what Windows tells a person who signed in (`USERDNSDOMAIN`), else the one that it joined, else
 * the first search domain of `/etc/resolv.conf`, else what stands behind its own host name. None of them proves that it is
 * an AD domain.
 */
export async function ownDomain(
  {
    platform,
    environment,
    hostName,
    readText,
    run,
  }: Pick<Means, 'platform' | 'environment' | 'hostName' | 'readText' | 'run'>,
  limits: Limits,
): Promise<OwnDomain | undefined> {
  const candidates = [
    { domain: environment['USERDNSDOMAIN'], from: 'USERDNSDOMAIN' },
    { domain: platform === 'win32' ? await joinedDomain(run, limits) : undefined, from: 'the registry of Windows' },
    { domain: searchDomainOf(await readText('/etc/resolv.conf')), from: '/etc/resolv.conf' },
    { domain: /^[^.]+\.(.+)$/.exec(hostName)?.[1], from: 'the host name' },
  ]
  for (const { domain, from } of candidates) {
    const name = domain?.toLowerCase().replace(/\.$/, '')
    if (name !== undefined && isDomain(name)) return { domain: name, from }
  }
  return undefined
}

/** A service has no person's environment; the name that its machine took with the domain stands in the registry. */
async function joinedDomain(run: Means['run'], limits: Limits): Promise<string | undefined> {
  const ran = await run('reg', ['query', tcpipParameters, '/v', 'Domain'], limits)
  return ran.kind === 'ran' ? /^\s*Domain\s+REG_SZ\s+(\S+)\s*$/m.exec(ran.stdout)?.[1] : undefined
}

const tcpipParameters = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters'

/** The domain that `search` or `domain` names first; the last such line counts (resolv.conf(5)). */
export function searchDomainOf(text: string | undefined): string | undefined {
  return [...(text ?? '').matchAll(/^[ \t]*(?:search|domain)[ \t]+(\S+)/gm)].at(-1)?.[1]
}

/** One with a dot: `localdomain` and the root, which resolv.conf writes as a dot, are none that a site is in. */
function isDomain(name: string): boolean {
  return isHostName(name) && name.includes('.') && !/^[\d.]+$/.test(name) && name !== 'local'
}
