import type { Question } from './probe.ts'

/**
 * The AD domain that a question is about: the site's, or, where it names none, what the host's name lies in, as the
 * names of domain controllers do.
 */
export function domainOf({ domain, name }: Pick<Question, 'domain' | 'name'>): string | undefined {
  if (domain !== undefined) return domain
  const parent = name?.replace(/\.$/, '').split('.').slice(1).join('.')
  return parent?.includes('.') === true ? parent : undefined
}
