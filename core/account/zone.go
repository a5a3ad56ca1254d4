package account

// zones are the time zones that people choose from, one for each rule that
// differs in our days, by the city that most people know.
func zones() []string {
	return []string{
		"Pacific/Honolulu", "America/Anchorage", "America/Vancouver", "America/Los_Angeles", "America/Edmonton", "America/Denver",
		"America/Phoenix", "America/Regina", "America/Winnipeg", "America/Chicago", "America/Mexico_City", "America/Toronto", "America/New_York",
		"America/Bogota", "America/Halifax", "America/Caracas", "America/Santiago", "America/St_Johns", "America/Sao_Paulo",
		"America/Argentina/Buenos_Aires", "Atlantic/Azores", "Atlantic/Reykjavik", "Europe/London", "Europe/Dublin", "Europe/Lisbon",
		"Africa/Casablanca", "Europe/Amsterdam", "Europe/Berlin", "Europe/Brussels", "Europe/Madrid", "Europe/Paris", "Europe/Rome",
		"Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Africa/Algiers", "Africa/Lagos", "Europe/Athens", "Europe/Bucharest",
		"Europe/Helsinki", "Europe/Kyiv", "Africa/Cairo", "Africa/Johannesburg", "Asia/Jerusalem", "Europe/Istanbul", "Africa/Nairobi",
		"Asia/Riyadh", "Asia/Tehran", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Bangkok",
		"Asia/Jakarta", "Asia/Ho_Chi_Minh", "Asia/Shanghai", "Asia/Singapore", "Asia/Manila", "Australia/Perth", "Asia/Tokyo",
		"Asia/Seoul", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Apia",
	}
}
