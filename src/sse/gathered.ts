const NO_BYTES = Buffer.alloc(0);
const SMALLEST_ROOM = 4096;

/** Bytes that are gathered until they are complete. Room doubles: one that comes byte by byte takes linear time and memory. */
export class Gathered {
  length = 0;
  private room = NO_BYTES;

  add(part: Uint8Array): void {
    const length = this.length + part.length;
    if (length > this.room.length) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST_ROOM, length, this.room.length * 2));
      this.room.copy(larger, 0, 0, this.length);
      this.room = larger;
    }
    this.room.set(part, this.length);
    this.length = length;
  }

  /** All of it, with a last part; that part itself if there was nothing before. */
  take<Part extends Uint8Array>(last: Part): Part | Buffer {
    if (this.length === 0) return last;
    this.add(last);
    const whole = this.room.subarray(0, this.length);
    this.clear();
    return whole;
  }

  clear(): void {
    this.room = NO_BYTES;
    this.length = 0;
  }
}
