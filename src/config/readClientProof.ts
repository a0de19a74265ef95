import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ClientCredential } from '../model/gate.ts'
import { quoted } from './quoted.ts'
import { readSecret } from './readSecret.ts'
import { reasonOf } from './reasonOf.ts'

/** What a gate proves itself with: a secret, PEM texts, or a token of another issuer. */
export type ReadClientProof =
  | {
      readonly ok:
        | { readonly kind: 'secret'; readonly secret: string }
        | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }
        | { readonly kind: 'assertion'; readonly assertion: string }
    }
  | { readonly why: string }

/** Chains, keys and tokens are far smaller. */
const mostOctets = 65_536

/**
 * Reads what the gate proves itself with to Entra ID. Called each time that it is needed, so that what was replaced counts
 * without a restart.
 *
 * @param folder of the site file
 * @returns it, or in words why there is none: nothing of a secret is in them
 */
export async function readClientProof(
  credential: ClientCredential,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<ReadClientProof> {
  switch (credential.kind) {
    case 'secret': {
      const read = await readSecret(credential.reference, environment, folder, 'SECRET')
      return 'ok' in read
        ? { ok: { kind: 'secret', secret: read.ok } }
        : { why: `the client secret: ${read.what}, ${read.right}` }
    }
    case 'certificate': {
      const certificate = await textOf(credential.files.certificate, folder)
      const key = await textOf(credential.files.key, folder)
      if ('why' in certificate) return certificate
      return 'why' in key ? key : { ok: { kind: 'certificate', certificate: certificate.text, key: key.text } }
    }
    case 'federated': {
      const token = await textOf(credential.file, folder)
      if ('why' in token) return token
      const assertion = token.text.trim()
      return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(assertion)
        ? { ok: { kind: 'assertion', assertion } }
        : { why: `${quoted(credential.file)} holds no token` }
    }
    default:
      return credential satisfies never
  }
}

async function textOf(file: string, folder: string): Promise<{ readonly text: string } | { readonly why: string }> {
  const path = resolve(folder, file)
  try {
    const found = await stat(path)
    if (!found.isFile()) return { why: `${quoted(file)} is no file` }
    if (found.size > mostOctets) return { why: `${quoted(file)} has more than ${mostOctets} octets` }
    return { text: await readFile(path, 'utf8') }
  } catch (error) {
    return { why: `${quoted(file)} cannot be read: ${reasonOf(error)}` }
  }
}
