declare module 'fs-native-extensions' {
  /** Takes the whole-file lock of this open file (F_OFD_SETLK, flock or LockFileEx); false if another open file has it. */
  export function tryLock(fd: number): boolean;
}
