/** Which end of a packet is translated. */
export enum Manip {
  SOURCE = 0,
  DESTINATION = 1,
}
