import type { ApiOutlet } from '../../model/api.ts'
import { refusedBy } from '../../outlets/refusedThings.ts'
import type { ApiSource } from './apiSource.ts'
import { resource } from './resource.ts'

export const outlets = resource({
  method: 'GET',
  path: '/outlets',
  what: 'Who is told of incidents and events, and what waits for them.',
  query: {},
  answer: 'Outlets',
  handle: (source) => ({ ok: { outlets: outletAnswers(source) } }),
})

/** Outlets of the site file, with what waits for each. */
export function outletAnswers({ watched, store }: Pick<ApiSource, 'watched' | 'store'>): readonly ApiOutlet[] {
  return watched().settings.outlets.map(({ name, kind, takes, least }) => ({
    name,
    kind,
    takes,
    ...(least !== undefined && { least }),
    waiting: store.waiting(name),
    refused: refusedBy(store, name).count,
  }))
}
