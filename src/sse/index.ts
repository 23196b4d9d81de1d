export { hidesField } from './disputed.ts';
export { EventReader, type SseEvent, type SseFrame, sseFrame } from './event.ts';
export { Gathered } from './gathered.ts';
