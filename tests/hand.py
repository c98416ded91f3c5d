"""A municipality of five pupils, small enough to work every figure out by hand."""

# What its pupils are pseudonymised with.
HAND_KEY = b"k" * 32

HAND = {
    "skolor": "skolenhetskod;skolnamn;skola;skolform\n"
    "01234567;Ängs enhet 1;Ängsskolan;GR\n01234568;Ängs enhet 2;Ängsskolan;GR\n"
    "01234569;Björkskolan;Björkskolan;GR\n",
    "exponering": "skola;termin;status;organisation;mentorer_heltid;kostnad_kr;kalla\n"
    "Ängsskolan;HT2019;pilot;klass;1,5;500000;beslut\n"
    "Björkskolan;HT2019;ingen;;0,0;;register\n",
    "kalender": "skolform;vecka;termin;skoldagar;distans\nGR;2019-W35;HT2019;5;0,0\n"
    "GR;2019-W36;HT2019;5;1,0\n",
    "elever": "elev_id;skolenhetskod;termin;arskurs;klass;kon;skyddad\n"
    "20060101-2384;01234567;HT2019;9;9A;F;N\n"
    "0601022399;01234568;HT2019;9;9B;P;N\n"
    "L1;01234567;HT2019;8;8A;P;N\nL1;01234569;HT2019;8;8A;P;N\n"
    "L2;01234569;HT2019;8;8A;F;J\nL3;01234569;HT2019;8;8A;F;\n",
    "undervisningstid": "elev_id;skolenhetskod;vecka;schemalagda_minuter;rapporterade_minuter\n"
    "200601012384;01234567;2019-W35;1000;800\n200601012384;01234567;2019-W36;1000;1000\n"
    "200601022399;01234568;2019-W35;1000;1000\nL1;01234567;2019-W35;1000;1000\n"
    "L1;01234569;2019-W36;500;500\nL2;01234569;2019-W35;1000;1000\nL3;01234569;2019-W35;1000;900\n",
    "franvaro": "elev_id;skolenhetskod;datum;lektion_start;minuter;typ;registrerad\n"
    # corrected from 60 to 40 minutes, and from valid to invalid; the last line wins
    "060101-2384;01234567;2019-08-26;08:15;60;giltig;2019-08-26 09:00:00\n"
    "200601012384;01234567;2019-08-26;08:15;40;ogiltig;2019-08-27 09:00:00\n"
    # cancelled
    "200601012384;01234567;2019-08-26;10:00;60;giltig;2019-08-26 11:00:00\n"
    "200601012384;01234567;2019-08-26;10:00;0;giltig;2019-08-26 12:00:00\n"
    # to the letter
    "L1;01234569;2019-09-02;8:15;60;giltig;2019-09-02 09:00:00\n"
    "L1;01234569;2019-09-02;8:15;60;giltig;2019-09-02 09:00:00\n"
    # more than the week holds: capped at 500
    "L1;01234569;2019-09-03;08:15;300;giltig;2019-09-03 09:00:00\n"
    "L1;01234569;2019-09-04;08:15;300;giltig;2019-09-04 09:00:00\n"
    # nobody scheduled that week
    "L3;01234569;2019-09-04;08:15;60;giltig;2019-09-04 09:00:00\n"
    "L2;01234569;2019-08-26;08:15;60;giltig;2019-08-26 09:00:00\n",
    "betyg": "elev_id;skolenhetskod;termin;kurskod;poang;betyg\n"
    "200601012384;01234567;HT2019;SV;;A\n200601012384;01234567;HT2019;EN;;F\n"
    "200601012384;01234567;HT2019;MA;;-\n200601012384;01234567;HT2019;BL;;3\n",
}


def write_hand(folder, **changed):
    folder.mkdir(parents=True, exist_ok=True)
    for stem, text in (HAND | changed).items():
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode("utf-8")
            (folder / f"{stem}.csv").write_bytes(data)
    return folder
