/** The theme as Beethoven has it, with the syncopation before its last phrase. */
export const odeToJoy = `
title: Ode to Joy
composer: Ludwig van Beethoven
time: 4/4
key: D major
tempo: 120

part: Melody
F#4:q F#4:q G4:q A4:q | A4:q G4:q F#4:q E4:q | D4:q D4:q E4:q F#4:q | F#4:q. E4:e E4:h |
F#4:q F#4:q G4:q A4:q | A4:q G4:q F#4:q E4:q | D4:q D4:q E4:q F#4:q | E4:q. D4:e D4:h |
E4:q E4:q F#4:q D4:q | E4:q F#4:e G4:e F#4:q D4:q | E4:q F#4:e G4:e F#4:q E4:q | D4:q E4:q A3:q F#4:q~ |
F#4:q F#4:q G4:q A4:q | A4:q G4:q F#4:q E4:q | D4:q D4:q E4:q F#4:q | E4:q. D4:e D4:h |
`;
