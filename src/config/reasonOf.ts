const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'no right to read it',
  EPERM: 'no right to read it',
  EMFILE: 'this process has too many files open, allow it more (ulimit -n 1024)',
  ENFILE: 'too many files are open on this machine',
  ENAMETOOLONG: 'its name is longer than any file’s',
  ELOOP: 'its links lead round in a circle',
}

/** Why a file cannot be read, without its path, which is said already. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : error.message
  return reasons[code] ?? code
}
