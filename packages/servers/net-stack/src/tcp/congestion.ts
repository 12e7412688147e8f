/**
 * Congestion control and the retransmission timer's arithmetic, in integers. RFC 5681 §3; RFC 6582; RFC 6928; RFC 6298.
 * Functions over a TCB: they send nothing and start no timer.
 */
import { IN_RECOVERY, isAfter, RTT_TIMED, type Tcb } from './tcb.ts';

/** RFC 6298 §2 (2.1): "The RTO SHOULD be set to 1 second". */
export const INITIAL_RTO_US = 1_000_000;
/** RFC 6298 §2 (2.5): a maximum may be placed on RTO, at least 60 seconds. */
export const MAX_RTO_US = 60_000_000;
/** RFC 6298 §5 (5.7): after a lost SYN. */
export const RTO_AFTER_LOST_SYN_US = 3_000_000;
/** G: the grain of our alarms. */
const CLOCK_GRANULARITY_US = 1000;
const MAX_CWND_BYTES = 0x40000000;

/** RFC 6928 §2: IW = min (10*MSS, max (2*MSS, 14600)). */
export const initialWindow = (mss: number): number => Math.min(10 * mss, Math.max(2 * mss, 14600));

/** RFC 5681 §3.1: ssthresh = max (FlightSize / 2, 2*SMSS), equation (4). */
const halfOfFlight = (tcb: Tcb): number => Math.max(tcb.flightBytes >> 1, 2 * tcb.mss);

/** RFC 6298 §2 (2.2), (2.3): a measurement R, of microseconds. SRTT is kept in eighths, RTTVAR in quarters. */
export function measured(tcb: Tcb, rttUs: number, minRtoUs: number): void {
  if (tcb.srtt8 === 0) {
    tcb.srtt8 = Math.max(1, rttUs << 3);
    tcb.rttvar4 = rttUs << 1;
  } else {
    const error = rttUs - (tcb.srtt8 >> 3);
    tcb.rttvar4 = tcb.rttvar4 + Math.abs(error) - (tcb.rttvar4 >> 2);
    tcb.srtt8 = Math.max(1, tcb.srtt8 + error);
  }
  tcb.rtoUs = rtoOf(tcb, minRtoUs);
}
/** RFC 6298 §2: RTO = SRTT + max (G, K*RTTVAR) with K = 4, between the limits. */
export function rtoOf(tcb: Tcb, minRtoUs: number): number {
  if (tcb.srtt8 === 0) return INITIAL_RTO_US;
  const rtoUs = (tcb.srtt8 >> 3) + Math.max(CLOCK_GRANULARITY_US, tcb.rttvar4);
  return Math.min(MAX_RTO_US, Math.max(minRtoUs, rtoUs));
}
/** RFC 6298 §5 (5.5): "back off the timer". */
export const backOff = (tcb: Tcb): void => {
  tcb.rtoUs = Math.min(MAX_RTO_US, tcb.rtoUs * 2);
};

/**
 * New data was acknowledged. RFC 5681 §3.1 in slow start and congestion avoidance; RFC 6582 §3.2 steps 4 and 5 in
 * recovery.
 * @param wasLimited false when the window did not hold the sender back: it then does not grow (RFC 7661 §1).
 * @returns true when the acknowledgment was partial, and the first segment left must be sent again.
 */
export function acknowledged(tcb: Tcb, ackedBytes: number, wasLimited: boolean): boolean {
  tcb.dupAcks = 0;
  if (tcb.has(IN_RECOVERY)) return recovered(tcb, ackedBytes);
  if (!wasLimited) return false;
  const { mss, cwnd } = tcb;
  const growth = cwnd < tcb.ssthresh ? Math.min(ackedBytes, mss) : Math.max(1, Math.floor((mss * mss) / cwnd));
  tcb.cwnd = Math.min(MAX_CWND_BYTES, cwnd + growth);
  return false;
}
function recovered(tcb: Tcb, ackedBytes: number): boolean {
  if (isAfter(tcb.recover, tcb.sndUna)) {
    const deflated = Math.max(tcb.cwnd - ackedBytes, tcb.mss);
    tcb.cwnd = ackedBytes >= tcb.mss ? deflated + tcb.mss : deflated; // "Partial acknowledgments"
    return true;
  }
  tcb.cwnd = Math.min(tcb.ssthresh, Math.max(tcb.flightBytes, tcb.mss) + tcb.mss); // "Full acknowledgments" (1)
  tcb.clear(IN_RECOVERY);
  return false;
}

/**
 * A duplicate acknowledgment. RFC 5681 §3.2 steps 2 to 4, RFC 6582 §3.2 step 2.
 * @returns true when the first unacknowledged segment must be sent again now.
 */
export function duplicate(tcb: Tcb): boolean {
  tcb.dupAcks = Math.min(255, tcb.dupAcks + 1);
  if (tcb.has(IN_RECOVERY)) {
    tcb.cwnd = Math.min(MAX_CWND_BYTES, tcb.cwnd + tcb.mss);
    return false;
  }
  if (tcb.dupAcks !== 3 || !isAfter(tcb.sndUna, tcb.recover)) return false;
  tcb.ssthresh = halfOfFlight(tcb);
  tcb.recover = (tcb.sndMax - 1) | 0;
  tcb.cwnd = tcb.ssthresh + 3 * tcb.mss;
  tcb.raise(IN_RECOVERY);
  tcb.clear(RTT_TIMED); // Karn: RFC 6298 §3
  return true;
}

/** The retransmission timer went off. RFC 5681 §3.1 equation (4) and "loss window"; RFC 6582 §4 "RTO". */
export function timedOut(tcb: Tcb, isFirst: boolean): void {
  if (isFirst) tcb.ssthresh = halfOfFlight(tcb);
  tcb.cwnd = tcb.mss;
  tcb.recover = (tcb.sndMax - 1) | 0;
  tcb.dupAcks = 0;
  tcb.clear(IN_RECOVERY | RTT_TIMED);
}

/** RFC 5681 §4.1 "Restarting Idle Connections"; also after what was in flight was lost at home and not on the way. */
export function restart(tcb: Tcb): void {
  tcb.cwnd = Math.min(tcb.cwnd, initialWindow(tcb.mss));
  tcb.dupAcks = 0;
  tcb.clear(IN_RECOVERY | RTT_TIMED);
}
