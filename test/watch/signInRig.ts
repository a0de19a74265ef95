import type { TestContext } from 'node:test'
import { usualWatch } from '../../src/config/watchSchema.ts'
import { playedAuthority } from '../../src/identity/index.ts'
import type { AppRegistration, Tenant } from '../../src/lab/tenant/index.ts'
import { daemonApp, gateApp, openTenant } from '../../src/lab/tenant/index.ts'
import type { SyntheticSignIn } from '../../src/model/watch.ts'
import { createNet } from '../../src/net/createNet.ts'
import type { Net } from '../../src/net/net.ts'
import type { SignInLook, SignInMeans } from '../../src/watch/signIn/index.ts'
import { signInKinds } from '../../src/watch/signIn/index.ts'

export const secret = 'a-secret-of-the-daemon'
export const gate = gateApp('https://localhost:8443', { secret: 'a-secret-of-the-gate' })
export const daemon = daemonApp(secret)

export interface SignInRig {
  readonly tenant: Tenant
  readonly means: SignInMeans
  readonly daemon: SyntheticSignIn
  look(signIn?: Partial<SyntheticSignIn>, means?: Partial<SignInMeans>): Promise<SignInLook>
}

export interface SignInRigOptions {
  readonly apps?: readonly AppRegistration[]
  readonly tokenSeconds?: number
  /** Of tenant and net; what the tenant's HTTP says of the time is left out then. */
  readonly now?: () => number
}

/** The built-in tenant with a daemon and the gate as its apps, and what a sign-in is given. */
export async function openSignInRig(
  t: TestContext,
  { apps = [gate, daemon], tokenSeconds, now }: SignInRigOptions = {},
): Promise<SignInRig> {
  const tenant = await openTenant({ apps, ...(tokenSeconds !== undefined && { tokenSeconds }), ...(now && { now }) })
  t.after(() => tenant.close())
  const wire = createNet({ trust: { site: [tenant.caPem], machine: [] }, userAgent: 'postern/test' })
  const net = now === undefined ? wire : { ...wire, now, exchange: undated(wire) }
  const means: SignInMeans = {
    net,
    authority: playedAuthority(tenant.origin),
    isPlayed: true,
    tenant: tenant.id,
    audiences: [],
    names: {},
    proof: async () => ({ ok: { kind: 'secret', secret } }),
    timeoutMs: usualWatch().timeoutMs * 3,
  }
  const usual: SyntheticSignIn = {
    name: 'daemon',
    kind: 'client-credentials',
    everySeconds: 300,
    client: daemon.clientId,
    scope: `api://${gate.clientId}/.default`,
  }
  return {
    tenant,
    means,
    daemon: usual,
    look: (signIn, other) => {
      const whole = { ...usual, ...signIn }
      const given = { ...means, ...other }
      return signInKinds[whole.kind].look(whole, given, { signal: t.signal, timeoutMs: given.timeoutMs })
    },
  }
}

const undated =
  ({ exchange }: Net): Net['exchange'] =>
  async (...asked) => {
    const { seen, ...rest } = await exchange(...asked)
    const { date: _, ...headers } = seen.headers
    return { ...rest, seen: { ...seen, headers } }
  }
