import { join } from 'node:path'
import { isBuild } from '../catalog/index.ts'
import { readBounded } from '../config/readBounded.ts'
import { readProductVersion } from '../wire/fileVersion.ts'
import type { Shell } from './shell.ts'

/** The wizard has some 2 MB. */
const mostOctets = 64 * 1024 * 1024

/**
 * The build of Microsoft Entra Connect Sync that is installed on this machine: the product version of its wizard, where
 * Microsoft says that people look it up.
 * https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/identity/hybrid/verify-sync-tool-version.md
 *
 * @param platform Node's word
 * @returns undefined on other systems than Windows, and where it is not installed or cannot be read
 */
export async function installedConnectBuild(platform: string, env: Shell['env']): Promise<string | undefined> {
  const programs = env['ProgramFiles']
  if (platform !== 'win32' || programs === undefined) return undefined
  const read = await readBounded(join(programs, 'Microsoft Azure AD Connect', 'AzureADConnect.exe'), mostOctets)
  const build = 'octets' in read ? readProductVersion(read.octets) : undefined
  return build !== undefined && isBuild(build) ? build : undefined
}
