declare module 'libnpmpublish' {
  /** npm's own way to a registry. */
  export function publish(
    manifest: { readonly name: string; readonly version: string },
    tarball: Buffer,
    options: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
}
