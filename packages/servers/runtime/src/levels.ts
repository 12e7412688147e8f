/**
 * Levels, the same in every system: a call goes to a strictly higher one. The gaps leave room for components of
 * somebody else's.
 */
export const LEVELS: Readonly<
  Record<'application' | 'netStack' | 'nicDriver' | 'supervisor' | 'iommuDriver' | 'pciBusDriver' | 'kernel', number>
> = {
  application: 10,
  netStack: 20,
  nicDriver: 30,
  supervisor: 40,
  iommuDriver: 50,
  pciBusDriver: 60,
  kernel: 250,
};
