import type { Adapter, AdapterPayload } from 'oidc-provider'

/** What is kept at a time; the oldest goes first. */
const mostRecords = 10_000

interface Kept {
  readonly payload: AdapterPayload
  readonly until: number
}

/** Sessions, codes and refresh tokens of the tenant, in memory, by kind and id. */
export class Records {
  readonly #kept = new Map<string, Kept>()

  /**
   * What oidc-provider keeps one kind of record by.
   *
   * @param client looks up an app, which is no record
   */
  adapter(kind: string, client: (id: string) => Promise<AdapterPayload | undefined>): Adapter {
    const key = (id: string) => `${kind} ${id}`
    return {
      upsert: async (id, payload, expiresIn) => {
        const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000
        this.#kept.delete(key(id))
        this.#kept.set(key(id), { payload, until })
        if (this.#kept.size > mostRecords) this.#kept.delete(this.#kept.keys().next().value ?? '')
      },
      find: async (id) => (kind === 'Client' ? client(id) : this.#find(key(id))),
      findByUid: async (uid) => {
        for (const [known, { payload }] of this.#kept) {
          if (known.startsWith(`${kind} `) && payload.uid === uid) return this.#find(known)
        }
      },
      // Only the device flow, which the tenant does not have, looks for these.
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const kept = this.#kept.get(key(id))
        if (kept === undefined) return
        this.#kept.set(key(id), { ...kept, payload: { ...kept.payload, consumed: Math.floor(Date.now() / 1000) } })
      },
      destroy: async (id) => {
        this.#kept.delete(key(id))
      },
      revokeByGrantId: async (grantId) => {
        for (const [known, { payload }] of this.#kept) {
          if (known.startsWith(`${kind} `) && payload.grantId === grantId) this.#kept.delete(known)
        }
      },
    }
  }

  #find(key: string): AdapterPayload | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.until > Date.now()) return kept?.payload
    this.#kept.delete(key)
    return undefined
  }
}
